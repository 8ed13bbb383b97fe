package dev.interposer.control.core;

import dev.interposer.control.command.Utf8;
import dev.interposer.control.port.DeviceExpressions;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.MatchRule;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.NodeInfo;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Which class a device is of: exactly one must match, or it is put in quarantine and says why. */
final class Classifier {
    /** Of the reason for a quarantine, which stands beside each device. */
    private static final int MOST_REASON_BYTES = 256;

    private final DeviceExpressions expressions;

    Classifier(DeviceExpressions expressions) {
        this.expressions = expressions;
    }

    Device classify(long id, DeviceReport report, NodeInfo node, Collection<AcceleratorClass> classes) {
        List<String> matching = classes.stream()
                .filter(candidate -> candidate.match().stream().anyMatch(rule -> holds(rule, report, node)))
                .map(AcceleratorClass::name)
                .toList();
        return switch (matching.size()) {
            case 0 -> quarantined(id, "no class matches attributes " + report.attributes(), report);
            case 1 -> new Device(id, matching.getFirst(), "", report);
            default -> quarantined(id, "several classes match: " + String.join(", ", matching), report);
        };
    }

    private static Device quarantined(long id, String reason, DeviceReport report) {
        return new Device(id, "", Utf8.head(reason, MOST_REASON_BYTES), report);
    }

    private boolean holds(MatchRule rule, DeviceReport report, NodeInfo node) {
        return switch (rule.kind()) {
            case NVML, ATTRIBUTES -> contains(report.attributes(), rule.equal());
            case NODE_SELECTOR -> contains(node.labels(), rule.equal());
            case DRA ->
                report.dra().driver().equals(rule.equal().get("driver"))
                        && (rule.cel().isEmpty() || expressions.holds(rule.cel(), report));
        };
    }

    private static boolean contains(Map<String, String> present, Map<String, String> wanted) {
        return !wanted.isEmpty()
                && wanted.entrySet().stream().allMatch(entry -> entry.getValue().equals(present.get(entry.getKey())));
    }
}
