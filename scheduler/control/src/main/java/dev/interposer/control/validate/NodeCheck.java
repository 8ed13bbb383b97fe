package dev.interposer.control.validate;

import dev.interposer.control.command.Rejection;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.NodeReport;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whether an agent's report of its node is sound. */
public final class NodeCheck {
    static final int MOST_DEVICES = 1024;
    static final int MOST_LABELS = 256;
    static final int MOST_ATTRIBUTES = 64;
    private static final int MOST_VALUE = 1024;
    /** A report is one event and must leave room in its page. */
    private static final long MOST_TEXT = 256 * 1024;

    private NodeCheck() {}

    public static Optional<Rejection> check(NodeReport report) {
        Violations violations = new Violations();
        String name = report.info().name();
        int slash = name.indexOf('/');
        if (slash <= 0) {
            violations.invalid("inventory.node", name, "must be cluster/node");
        } else {
            violations.label("inventory.node", name.substring(0, slash));
            violations.name("inventory.node", name.substring(slash + 1));
        }
        map(violations, "inventory.labels", report.info().labels(), MOST_LABELS);
        violations.within("inventory.capacity", report.info().capacity().size(), 0, 64);
        report.info()
                .capacity()
                .forEach(
                        (resource, amount) -> violations.within("inventory.capacity." + resource, amount, 0, 1L << 60));
        violations.within("inventory.devices", report.devices().size(), 0, MOST_DEVICES);
        Set<String> names = new HashSet<>();
        for (int index = 0; index < Math.min(report.devices().size(), MOST_DEVICES); index++) {
            DeviceReport device = report.devices().get(index);
            String at = "inventory.devices[" + index + "]";
            violations.require(
                    !device.name().isEmpty() && device.name().length() <= 253,
                    at + ".name",
                    device.name(),
                    "must have 1 to 253 characters");
            violations.require(names.add(device.name()), at + ".name", device.name(), "another device has it");
            map(violations, at + ".attributes", device.attributes(), MOST_ATTRIBUTES);
        }
        long text = text(report.info().labels());
        for (DeviceReport device : report.devices()) {
            text += device.name().length() + text(device.attributes());
        }
        violations.require(
                text <= MOST_TEXT, "inventory", text + " characters", "is longer than " + MOST_TEXT + " characters");
        return Optional.ofNullable(violations.rejection());
    }

    private static long text(Map<String, String> map) {
        return map.entrySet().stream()
                .mapToLong(entry ->
                        entry.getKey().length() + (long) entry.getValue().length())
                .sum();
    }

    private static void map(Violations violations, String path, Map<String, String> map, int most) {
        violations.within(path, map.size(), 0, most);
        map.forEach((key, value) -> violations.require(
                key.length() + value.length() <= MOST_VALUE,
                path + "." + key,
                value,
                "is longer than " + MOST_VALUE + " characters"));
    }
}
