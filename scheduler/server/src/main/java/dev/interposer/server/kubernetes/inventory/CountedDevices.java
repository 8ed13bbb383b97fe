package dev.interposer.server.kubernetes.inventory;

import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.DeviceReport.DraIdentity;
import dev.interposer.engine.model.Health;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Devices of which Kubernetes tells a number only: those of device plugins. Which chip a pod gets is for the kubelet to
 * say, so that a device here is a place in the count and bears no more than a number in its name.
 */
final class CountedDevices {
    private final VendorRow row;
    private final NodeFacts facts;

    /** Who was said to use a device, by its name: a place in the count stays whose it was. */
    private final Map<String, String> usersBefore;

    CountedDevices(VendorRow row, NodeFacts facts, Map<String, String> usersBefore) {
        this.row = row;
        this.facts = facts;
        this.usersBefore = usersBefore;
    }

    List<DeviceReport> reports() {
        List<DeviceReport> reports = new ArrayList<>();
        Map<String, String> attributes = attributes();
        String product = attributes.getOrDefault(VendorRow.PRODUCT, "");
        int mark = row.partitionMark().isEmpty() ? -1 : product.indexOf(row.partitionMark());
        String partition =
                mark < 0 ? "" : product.substring(mark + row.partitionMark().length());
        if (mark >= 0) {
            attributes.put(VendorRow.PRODUCT, product.substring(0, mark));
        }
        reports.addAll(counted(row.resource(), partition, attributes, replicas()));
        if (!row.partitions().isEmpty()) {
            for (String resource : amounts(facts.node(), true).keySet()) {
                if (resource.startsWith(row.partitions())) {
                    String name = resource.substring(row.partitions().length());
                    reports.addAll(counted(resource, name, attributes, 1));
                }
            }
        }
        return reports;
    }

    private List<DeviceReport> counted(
            String resource, String partition, Map<String, String> attributes, long perDevice) {
        // A kubelet that restarts knows of no devices for a while: those that our pods have are there all the same.
        long installed = Math.max(amounts(facts.node(), true).getOrDefault(resource, 0L) / perDevice, given(resource));
        long offered = amounts(facts.node(), false).getOrDefault(resource, 0L) / perDevice;
        Map<String, String> users = users(resource, offered, perDevice);
        String cause = "the device plugin offers " + offered + " of " + installed;
        long memory = partition.isEmpty() ? memory() : 0;
        List<DeviceReport> reports = new ArrayList<>();
        for (int number = 0; number < installed; number++) {
            String name = name(resource, number);
            boolean healthy = number < offered;
            reports.add(new DeviceReport(
                    name,
                    partition.isEmpty() ? "" : row.resource(),
                    partition,
                    memory,
                    attributes,
                    facts.label(row.domainLabel()),
                    DraIdentity.NONE,
                    // Which one is not offered nobody says, and a plugin that restarts offers none: what runs goes on.
                    healthy ? Health.HEALTHY : Health.SUSPECT,
                    healthy ? "" : cause,
                    users.getOrDefault(name, "")));
        }
        return reports;
    }

    /** Foreign users by the names of the devices that are counted as theirs: none that this fleet has given away. */
    private Map<String, String> users(String resource, long offered, long perDevice) {
        Set<String> taken = new HashSet<>();
        facts.pods().forEach(pod -> taken.addAll(pod.devices()));
        Map<String, String> users = new TreeMap<>();
        List<PodUse> foreign = facts.pods().stream()
                .filter(pod -> pod.foreign() && pod.amounts().containsKey(resource))
                .sorted(Comparator.comparing(PodUse::user))
                .toList();
        for (boolean asBefore : new boolean[] {true, false}) {
            for (PodUse pod : foreign) {
                long wanted = Math.ceilDiv(pod.amounts().getOrDefault(resource, 0L), perDevice);
                long missing = wanted
                        - users.values().stream().filter(pod.user()::equals).count();
                for (int number = 0; number < offered && missing > 0; number++) {
                    String name = name(resource, number);
                    boolean stays = pod.user().equals(usersBefore.get(name));
                    if ((stays || !asBefore) && !taken.contains(name)) {
                        taken.add(name);
                        users.put(name, pod.user());
                        missing--;
                    }
                }
            }
        }
        return users;
    }

    /** So many places in the count at least, by the highest that a pod of this fleet has. */
    private long given(String resource) {
        String prefix = resource + "-";
        return facts.pods().stream()
                .flatMap(pod -> pod.devices().stream())
                .filter(name -> name.startsWith(prefix)
                        && name.substring(prefix.length()).matches("\\d{1,4}"))
                .mapToLong(name -> Long.parseLong(name.substring(prefix.length())) + 1)
                .max()
                .orElse(0);
    }

    static String name(String resource, int number) {
        return resource + "-" + number;
    }

    private Map<String, String> attributes() {
        Map<String, String> attributes = new TreeMap<>();
        attributes.put("vendor", row.vendor());
        attributes.put("resource", row.resource());
        row.attributes().forEach((attribute, label) -> {
            String value = facts.label(label);
            if (!value.isEmpty()) {
                attributes.put(attribute, value);
            }
        });
        return attributes;
    }

    private long replicas() {
        String said = facts.label(row.replicasLabel());
        return said.matches("[1-9]\\d{0,3}") ? Long.parseLong(said) : 1;
    }

    private long memory() {
        String said = facts.label(row.memoryLabel());
        if (said.isEmpty()) {
            return 0;
        }
        try {
            boolean bare = said.chars().allMatch(Character::isDigit);
            return PodResources.amount("memory", new Quantity(bare ? said + row.memoryUnit() : said));
        } catch (IllegalArgumentException e) {
            // A label is what somebody wrote: the device is no less a device for it.
            return 0;
        }
    }

    private static Map<String, Long> amounts(Node node, boolean all) {
        if (node.getStatus() == null) {
            return Map.of();
        }
        return PodResources.amounts(
                all ? node.getStatus().getCapacity() : node.getStatus().getAllocatable());
    }
}
