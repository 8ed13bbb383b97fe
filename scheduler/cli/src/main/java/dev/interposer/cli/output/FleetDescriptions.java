package dev.interposer.cli.output;

import dev.interposer.proto.fleet.v1.AcceleratorClass;
import dev.interposer.proto.fleet.v1.ClassCount;
import dev.interposer.proto.fleet.v1.ClassSupply;
import dev.interposer.proto.fleet.v1.Device;
import dev.interposer.proto.fleet.v1.Node;
import dev.interposer.proto.fleet.v1.Queue;
import dev.interposer.proto.fleet.v1.QueueWork;
import dev.interposer.proto.fleet.v1.Supply;
import dev.interposer.proto.job.v1.Gang;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.Worker;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Nodes, devices, classes and queues at length. */
public final class FleetDescriptions {
    private FleetDescriptions() {}

    /** @param jobs those that may have a worker on it */
    public static void node(Node node, List<Device> devices, List<Job> jobs, Page page) {
        new Description(page)
                .field("Name", node.getName())
                .field("Id", node.getId())
                .state("Phase", FleetTables.phase(node))
                .time("Since", node.getPhaseSinceMicros())
                .field("Observed", node.getObserved() ? "another scheduler owns it: nothing is placed there" : "")
                .field("Cordoned", node.getCordonReason())
                .field("Address", node.getAddress())
                .field("Agent", node.getAgentVersion())
                .field("Boot", node.getBootId())
                .field(
                        "Quarantined",
                        node.getQuarantined() == 0 ? "" : node.getQuarantined() + " devices have no class")
                .field("Held", node.getHolds() == 0 ? "" : node.getHolds() + " workers came back that nobody expects")
                .labels("Labels", node.getLabelsMap())
                .section("Resources", resources(node))
                .section("Classes", classes(node))
                .section("Devices", FleetTables.devices(devices, true))
                .section("Workers", workers(node, jobs))
                .lines("Next", next(node))
                .print();
    }

    private static List<String> next(Node node) {
        if (node.getPhase().equals("Lost")) {
            return List.of("interposer fence node " + node.getName() + "   # once it is sure that nothing runs there");
        }
        boolean lifted = (node.getCordoned() || node.getDraining()) && !node.getObserved();
        return lifted ? List.of("interposer uncordon node " + node.getName() + "   # takes work again") : List.of();
    }

    private static Table resources(Node node) {
        Table table = new Table("RESOURCE", "ASKED FOR", "THERE");
        node.getCapacityMap().keySet().stream()
                .sorted()
                .forEach(name -> table.row(
                        name,
                        amount(name, node.getRequestedOrDefault(name, 0)),
                        amount(name, node.getCapacityOrDefault(name, 0))));
        return table;
    }

    private static String amount(String resource, long value) {
        return switch (resource) {
            case "cpu" -> Decimals.milli(value);
            case "memory", "ephemeral-storage" -> FleetTables.bytes(value);
            default -> Long.toString(value);
        };
    }

    private static Table classes(Node node) {
        Table table = new Table("CLASS", "INSTALLED", "HEALTHY", "TAKEN", "FOREIGN");
        for (ClassCount count : node.getClassesList()) {
            table.row(
                    count.getClassName(),
                    count.getInstalled(),
                    count.getHealthy(),
                    count.getAllocated(),
                    count.getForeign());
        }
        return table;
    }

    private static Table workers(Node node, List<Job> jobs) {
        Table table = new Table("JOB", "GANG", "WORKER", "PHASE", "DEVICES");
        for (Job job : jobs) {
            for (Gang gang : job.getGangsList()) {
                for (Worker worker : gang.getWorkersList()) {
                    if (worker.getNode().equals(node.getName())
                            && !worker.getPhase().equals("Ended")) {
                        table.row(
                                job.getNamespace() + "/" + job.getName(),
                                gang.getIndex(),
                                worker.getIndex(),
                                worker.getPhase(),
                                String.join(",", worker.getDeviceNamesList()));
                    }
                }
            }
        }
        return table;
    }

    public static void device(Device device, Page page) {
        new Description(page)
                .field("Name", device.getName())
                .field("Id", device.getId())
                .field("Node", device.getNode())
                .field("Class", device.getClassName())
                .field("Quarantined", device.getQuarantineReason())
                .state("Health", device.getHealth())
                .field("Cause", device.getHealthCause())
                .field("Partition", device.getPartition())
                .field("Part of", device.getParentName())
                .field("Memory", device.getMemoryBytes() == 0 ? "" : FleetTables.bytes(device.getMemoryBytes()))
                .field("Taken", device.getAllocatedMilli() / 10 + "%")
                .field("Jobs", String.join(", ", device.getJobsList()))
                .field("Busy", device.hasUtilizationMilli() ? device.getUtilizationMilli() / 10 + "%" : "")
                .field("Memory used", device.hasMemoryUsedBytes() ? FleetTables.bytes(device.getMemoryUsedBytes()) : "")
                .field("Temperature", device.hasTemperatureCelsius() ? device.getTemperatureCelsius() + " °C" : "")
                .field("Power", device.hasPowerMilliwatts() ? device.getPowerMilliwatts() / 1000 + " W" : "")
                .field("Foreign", FleetTables.foreign(device))
                .labels("Attributes", device.getAttributesMap())
                .print();
    }

    public static void chipClass(AcceleratorClass chipClass, List<Device> devices, Supply supply, Page page) {
        Description description = new Description(page)
                .field("Name", chipClass.getName())
                .field("Supplier", chipClass.getSupplierName())
                .field("Family", chipClass.getChipFamily())
                .field("Memory", chipClass.getMemoryBytes() / 1_000_000_000 + " GB a device")
                .field("Installed", chipClass.getInstalled())
                .field("Healthy", chipClass.getHealthy())
                .field("Taken", chipClass.getAllocated())
                .field("Foreign", chipClass.getForeign() == 0 ? "" : chipClass.getForeign() + " used from outside")
                .field("Observed", chipClass.getObserved() == 0 ? "" : chipClass.getObserved() + " on others' nodes")
                .field("Waiting", chipClass.getWaitingGangs() + " gangs would run on it")
                .field("Price", Decimals.milli(chipClass.getPriceMilli()) + " a chip-hour")
                .field("Reference", Decimals.milli(chipClass.getReferenceMilli()) + " reference devices a chip");
        for (ClassSupply one : supply.getClassesList()) {
            if (one.getClassName().equals(chipClass.getName())) {
                description
                        .field("Demand", demand(one) + " device-hours within " + hours(supply))
                        .field("Scarcity", one.hasScarcityMilli() ? Decimals.milli(one.getScarcityMilli()) : "");
            }
        }
        description.section("Nodes", nodes(devices)).print();
    }

    private static String demand(ClassSupply supply) {
        return Decimals.hours(supply.getPinnedDeviceSeconds()) + " pinned and "
                + Decimals.hours(supply.getFlexibleDeviceSeconds()) + " flexible of "
                + Decimals.hours(supply.getSupplyDeviceSeconds());
    }

    private static String hours(Supply supply) {
        return supply.getHorizonSeconds() / 3600 + " h";
    }

    private static Table nodes(List<Device> devices) {
        Map<String, List<Device>> byNode =
                devices.stream().collect(Collectors.groupingBy(Device::getNode, TreeMap::new, Collectors.toList()));
        Table table = new Table("NODE", "DEVICES", "HEALTHY", "TAKEN", "FOREIGN");
        byNode.forEach((node, there) -> table.row(
                node,
                there.size(),
                there.stream().filter(one -> one.getHealth().equals("Healthy")).count(),
                there.stream().filter(one -> one.getAllocatedMilli() > 0).count(),
                there.stream().filter(one -> !one.getForeign().isEmpty()).count()));
        return table;
    }

    /** @param jobs of the queue that wait or run */
    public static void queue(Queue queue, List<Queue> all, List<Job> jobs, Supply supply, Page page) {
        Description description = new Description(page)
                .field("Name", queue.getName())
                .field("Above", queue.getParentName())
                .field(
                        "Below",
                        all.stream()
                                .filter(other -> other.getParentName().equals(queue.getName()))
                                .map(Queue::getName)
                                .sorted()
                                .collect(Collectors.joining(", ")))
                .state("State", queue.getState())
                .field("Weight", queue.getWeight())
                .field("Waiting jobs", queue.getWaitingJobs())
                .field("Running jobs", queue.getRunningJobs())
                .field("Devices held", queue.getDevices());
        for (QueueWork work : supply.getQueuesList()) {
            if (work.getQueueName().equals(queue.getName())) {
                description.section("Device-hours within " + hours(supply), work(work));
            }
        }
        List<Job> sorted = new ArrayList<>(jobs);
        sorted.sort(Comparator.comparingInt((Job job) -> job.getPhase().equals("Waiting") ? 0 : 1)
                .thenComparingLong(Job::getId));
        description.section("Jobs", JobTables.table(sorted, false)).print();
    }

    private static Table work(QueueWork work) {
        Table table = new Table("WORK", "RUNNING", "WAITING");
        table.row(
                "of one designer",
                Decimals.hours(work.getPinnedRunningDeviceSeconds()),
                Decimals.hours(work.getPinnedWaitingDeviceSeconds()));
        table.row(
                "portable",
                Decimals.hours(work.getPortableRunningDeviceSeconds()),
                Decimals.hours(work.getPortableWaitingDeviceSeconds()));
        return table;
    }
}
