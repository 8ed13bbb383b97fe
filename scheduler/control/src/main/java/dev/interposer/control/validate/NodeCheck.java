package dev.interposer.control.validate;

import dev.interposer.control.command.Rejection;
import dev.interposer.control.command.Utf8;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.NodeReport;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whether what an agent or a cluster reports of a node is sound. */
public final class NodeCheck {
    static final int MOST_DEVICES = 1024;
    static final int MOST_LABELS = 256;
    static final int MOST_ATTRIBUTES = 64;
    private static final int MOST_VALUE = 1024;
    private static final int MOST_NAME = 253;
    private static final int MOST_CAPACITIES = 64;
    /** Of a pod with its namespace. */
    private static final int MOST_FOREIGN = 320;

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
        violations.text("inventory.bootId", report.info().bootId(), MOST_NAME);
        violations.text("inventory.agentVersion", report.info().agentVersion(), MOST_NAME);
        violations.text("inventory.address", report.info().address(), MOST_NAME);
        violations.within("inventory.capacity", report.info().capacity().size(), 0, MOST_CAPACITIES);
        report.info().capacity().entrySet().stream().limit(MOST_CAPACITIES).forEach(capacity -> {
            violations.text("inventory.capacity", capacity.getKey(), MOST_NAME);
            violations.within("inventory.capacity." + capacity.getKey(), capacity.getValue(), 0, 1L << 60);
        });
        violations.within("inventory.devices", report.devices().size(), 0, MOST_DEVICES);
        Set<String> names = new HashSet<>();
        for (int index = 0; index < Math.min(report.devices().size(), MOST_DEVICES); index++) {
            DeviceReport device = report.devices().get(index);
            String at = "inventory.devices[" + index + "]";
            violations.require(
                    !device.name().isEmpty() && Utf8.bytes(device.name()) <= MOST_NAME,
                    at + ".name",
                    device.name(),
                    "must have 1 to " + MOST_NAME + " bytes");
            violations.require(names.add(device.name()), at + ".name", device.name(), "another device has it");
            map(violations, at + ".attributes", device.attributes(), MOST_ATTRIBUTES);
            texts(violations, at, device);
        }
        return Optional.ofNullable(violations.rejection());
    }

    /** What is wrong with the cause of a device's health. */
    public static Optional<Rejection> cause(String path, String cause) {
        Violations violations = new Violations();
        violations.text(path, cause, MOST_VALUE);
        return Optional.ofNullable(violations.rejection());
    }

    private static void texts(Violations violations, String at, DeviceReport device) {
        violations.text(at + ".parentName", device.parentName(), MOST_NAME);
        violations.text(at + ".partition", device.partition(), MOST_NAME);
        violations.text(at + ".scaleUpDomain", device.scaleUpDomain(), MOST_NAME);
        violations.text(at + ".dra.driver", device.dra().driver(), MOST_NAME);
        violations.text(at + ".dra.pool", device.dra().pool(), MOST_NAME);
        violations.text(at + ".dra.name", device.dra().name(), MOST_NAME);
        violations.text(at + ".healthCause", device.healthCause(), MOST_VALUE);
        violations.text(at + ".foreign", device.foreign(), MOST_FOREIGN);
    }

    private static void map(Violations violations, String path, Map<String, String> map, int most) {
        violations.within(path, map.size(), 0, most);
        map.forEach((key, value) -> violations.require(
                Utf8.bytes(key) + Utf8.bytes(value) <= MOST_VALUE,
                path + "." + key,
                value,
                "is longer than " + MOST_VALUE + " bytes"));
    }
}
