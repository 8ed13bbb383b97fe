package dev.interposer.cli.output;

import dev.interposer.proto.fleet.v1.AcceleratorClass;
import dev.interposer.proto.fleet.v1.ClassCount;
import dev.interposer.proto.fleet.v1.Device;
import dev.interposer.proto.fleet.v1.Node;
import dev.interposer.proto.fleet.v1.Queue;
import dev.interposer.proto.fleet.v1.Supplier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Nodes, devices and objects as tables. */
public final class FleetTables {
    private FleetTables() {}

    /** Such as {@code Ready,Cordoned}. */
    static String phase(Node node) {
        return node.getPhase() + service(node);
    }

    /** As people say amounts of memory: 64 GiB. */
    static String bytes(long bytes) {
        if (bytes == 0) {
            return "0";
        }
        return bytes >= 1L << 30
                ? Decimals.tenths(bytes, 1L << 30) + " GiB"
                : Decimals.tenths(bytes, 1L << 20) + " MiB";
    }

    private static String service(Node node) {
        String observed = node.getObserved() ? ",Observed" : "";
        if (node.getDraining()) {
            return observed + (node.getDrained() ? ",Drained" : ",Draining");
        }
        return observed + (node.getCordoned() ? ",Cordoned" : "");
    }

    public static Table nodes(List<Node> nodes, boolean wide) {
        Table table = wide
                ? new Table(
                        "NAME", "PHASE", "CLASS", "TAKEN", "FOREIGN", "WORKERS", "CPU", "MEMORY", "SINCE", "AGENT",
                        "LABELS")
                : new Table("NAME", "PHASE", "CLASS", "TAKEN", "FOREIGN", "WORKERS", "CPU", "MEMORY", "SINCE");
        for (Node node :
                nodes.stream().sorted(Comparator.comparing(Node::getName)).toList()) {
            String phase = phase(node);
            String classes =
                    node.getClassesList().stream().map(ClassCount::getClassName).collect(Collectors.joining(","));
            int installed = node.getClassesList().stream()
                    .mapToInt(ClassCount::getInstalled)
                    .sum();
            int taken = node.getClassesList().stream()
                    .mapToInt(ClassCount::getAllocated)
                    .sum();
            int used = node.getClassesList().stream()
                    .mapToInt(ClassCount::getForeign)
                    .sum();
            String foreign = used == 0 ? "" : Integer.toString(used);
            String devices = installed == 0 ? "" : taken + "/" + installed;
            String cpu = part(node.getRequestedMap(), node.getCapacityMap(), "cpu", 1000, "");
            String memory = part(node.getRequestedMap(), node.getCapacityMap(), "memory", 1L << 30, "Gi");
            String since = Ages.since(node.getPhaseSinceMicros());
            if (wide) {
                table.row(
                        node.getName(),
                        phase,
                        classes,
                        devices,
                        foreign,
                        node.getWorkers(),
                        cpu,
                        memory,
                        since,
                        node.getAgentVersion(),
                        labels(node.getLabelsMap()));
            } else {
                table.row(node.getName(), phase, classes, devices, foreign, node.getWorkers(), cpu, memory, since);
            }
        }
        return table;
    }

    public static Table devices(List<Device> devices, boolean wide) {
        Table table = wide
                ? new Table(
                        "NAME", "NODE", "CLASS", "HEALTH", "TAKEN", "JOBS", "FOREIGN", "BUSY", "MEMORY", "TEMP",
                        "POWER", "CAUSE")
                : new Table("NAME", "NODE", "CLASS", "HEALTH", "TAKEN", "JOBS", "FOREIGN");
        List<Device> sorted = devices.stream()
                .sorted(Comparator.comparing(Device::getNode).thenComparing(Device::getName))
                .toList();
        for (Device device : sorted) {
            String chipClass = device.getClassName().isEmpty()
                    ? "quarantined: " + device.getQuarantineReason()
                    : device.getClassName();
            List<String> row = new ArrayList<>(List.of(
                    device.getName(),
                    device.getNode(),
                    chipClass,
                    device.getHealth(),
                    device.getAllocatedMilli() == 0 ? "" : device.getAllocatedMilli() / 10 + "%",
                    String.join(",", device.getJobsList()),
                    foreign(device)));
            if (wide) {
                row.addAll(measured(device));
                row.add(device.getHealthCause());
            }
            table.row(row.toArray());
        }
        return table;
    }

    /** Empty where nobody knows. */
    private static List<String> measured(Device device) {
        return List.of(
                device.hasUtilizationMilli() ? device.getUtilizationMilli() / 10 + "%" : "",
                device.hasMemoryUsedBytes() ? (device.getMemoryUsedBytes() >> 20) + " MiB" : "",
                device.hasTemperatureCelsius() ? device.getTemperatureCelsius() + " °C" : "",
                device.hasPowerMilliwatts() ? device.getPowerMilliwatts() / 1000 + " W" : "");
    }

    /** Who else uses it, and how many processes of nobody do. */
    static String foreign(Device device) {
        String processes = switch (device.getForeignProcesses()) {
            case 0 -> "";
            case 1 -> "1 process of nobody";
            default -> device.getForeignProcesses() + " processes of nobody";
        };
        return Stream.of(device.getForeign(), processes)
                .filter(said -> !said.isEmpty())
                .collect(Collectors.joining(", "));
    }

    public static Table classes(List<AcceleratorClass> classes) {
        Table table = new Table(
                "NAME",
                "SUPPLIER",
                "FAMILY",
                "INSTALLED",
                "HEALTHY",
                "TAKEN",
                "FOREIGN",
                "OBSERVED",
                "WAITING",
                "PRICE");
        for (AcceleratorClass chipClass : classes) {
            table.row(
                    chipClass.getName(),
                    chipClass.getSupplierName(),
                    chipClass.getChipFamily(),
                    chipClass.getInstalled(),
                    chipClass.getHealthy(),
                    chipClass.getAllocated(),
                    chipClass.getForeign(),
                    chipClass.getObserved(),
                    chipClass.getWaitingGangs(),
                    chipClass.getPriceMilli() / 1000.0);
        }
        return table;
    }

    public static Table suppliers(List<Supplier> suppliers) {
        Table table = new Table("NAME", "TIERS", "INSTALLED", "TAKEN", "FOREIGN", "SHARE");
        for (Supplier supplier : suppliers) {
            table.row(
                    supplier.getName(),
                    String.join(",", supplier.getTiersList()),
                    supplier.getInstalled(),
                    supplier.getAllocated(),
                    supplier.getForeign(),
                    supplier.getInstalledShareMilli() / 10.0 + "%");
        }
        return table;
    }

    public static Table queues(List<Queue> queues) {
        Table table = new Table("NAME", "STATE", "WAITING", "RUNNING", "DEVICES", "WEIGHT");
        for (Queue queue : queues) {
            table.row(
                    queue.getName(),
                    queue.getState(),
                    queue.getWaitingJobs(),
                    queue.getRunningJobs(),
                    queue.getDevices(),
                    queue.getWeight());
        }
        return table;
    }

    private static String part(
            Map<String, Long> requested, Map<String, Long> capacity, String resource, long unit, String suffix) {
        long all = capacity.getOrDefault(resource, 0L);
        return all == 0 ? "" : requested.getOrDefault(resource, 0L) / unit + "/" + all / unit + suffix;
    }

    private static String labels(Map<String, String> labels) {
        return labels.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(","));
    }
}
