package dev.interposer.server.view;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.JobPhase;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import dev.interposer.proto.agent.v1.DeviceTelemetry;
import dev.interposer.proto.fleet.v1.ClassCount;
import dev.interposer.proto.fleet.v1.Device;
import dev.interposer.proto.fleet.v1.Node;
import dev.interposer.proto.fleet.v1.Queue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Nodes, devices and objects of a state as messages. */
public final class FleetViews {
    private FleetViews() {}

    /** Devices of one class: installed, healthy, at least partly taken, in use by others, where nothing is placed. */
    private static final class Count {
        int installed;
        int healthy;
        int allocated;
        int foreign;
        int observed;
    }

    /** Devices of a node, those in quarantine left out. */
    public record DeviceCount(int installed, int allocated, int foreign) {}

    public static Node node(NodeState node) {
        Map<Long, Integer> taken = taken(node);
        Map<String, Count> counts = new TreeMap<>();
        count(node, taken, counts);
        Map<String, Long> requested = new TreeMap<>();
        for (WorkerState worker : node.workers()) {
            worker.role().requests().forEach((name, amount) -> requested.merge(name, amount, Long::sum));
        }
        Node.Builder view = Node.newBuilder()
                .setId(node.id())
                .setName(node.name())
                .setPhase(Names.camel(node.phase()))
                .setCordoned(node.cordoned())
                .setCordonReason(node.cordonReason())
                .setObserved(node.info().observed())
                .setDraining(node.draining())
                .setDrained(node.drained())
                .putAllLabels(node.info().labels())
                .putAllCapacity(node.info().capacity())
                .putAllRequested(requested)
                .setWorkers(node.workers().size())
                .setAgentVersion(node.info().agentVersion())
                .setBootId(node.info().bootId())
                .setAddress(node.info().address())
                .setPhaseSinceMicros(node.phaseSinceMicros())
                .setQuarantined((int) node.devices().stream()
                        .filter(device -> device.className().isEmpty())
                        .count())
                .setHolds(node.holds().size())
                .setRevision(node.revision());
        counts.forEach((name, count) -> view.addClasses(ClassCount.newBuilder()
                .setClassName(name)
                .setInstalled(count.installed)
                .setHealthy(count.healthy)
                .setAllocated(count.allocated)
                .setForeign(count.foreign)));
        return view.build();
    }

    public static List<Device> devices(NodeState node, DeviceReadings readings) {
        Map<Long, Integer> taken = taken(node);
        Map<Long, Set<String>> jobs = new HashMap<>();
        for (WorkerState worker : node.workers()) {
            String job = worker.gang().job().fullName();
            worker.placement().devices().stream()
                    .forEach(id ->
                            jobs.computeIfAbsent(id, key -> new HashSet<>()).add(job));
        }
        List<Device> views = new ArrayList<>();
        for (dev.interposer.engine.model.Device device : node.devices()) {
            Device.Builder view = Device.newBuilder()
                    .setId(device.id())
                    .setName(device.report().name())
                    .setNode(node.name())
                    .setClassName(device.className())
                    .setQuarantineReason(device.quarantineReason())
                    .setHealth(Names.camel(device.report().health()))
                    .setHealthCause(device.report().healthCause())
                    .setForeign(device.report().foreign())
                    .setAllocatedMilli(Math.min(1000, taken.getOrDefault(device.id(), 0)))
                    .addAllJobs(jobs.getOrDefault(device.id(), Set.of()).stream()
                            .sorted()
                            .toList())
                    .setParentName(device.report().parentName())
                    .setPartition(device.report().partition())
                    .setMemoryBytes(device.report().memoryBytes())
                    .putAllAttributes(device.report().attributes());
            measured(view, readings.of(node.name(), device.report().name()));
            views.add(view.build());
        }
        return views;
    }

    private static void measured(Device.Builder view, @Nullable DeviceTelemetry reading) {
        if (reading == null) {
            return;
        }
        if (reading.hasUtilizationMilli()) {
            view.setUtilizationMilli(reading.getUtilizationMilli());
        }
        if (reading.hasMemoryUsedBytes()) {
            view.setMemoryUsedBytes(reading.getMemoryUsedBytes());
        }
        if (reading.hasTemperatureCelsius()) {
            view.setTemperatureCelsius(reading.getTemperatureCelsius());
        }
        if (reading.hasPowerMilliwatts()) {
            view.setPowerMilliwatts(reading.getPowerMilliwatts());
        }
        if (reading.hasForeignProcesses()) {
            view.setForeignProcesses(reading.getForeignProcesses());
        }
    }

    public static List<dev.interposer.proto.fleet.v1.AcceleratorClass> classes(State state) {
        Map<String, Count> counts = counts(state);
        List<dev.interposer.proto.fleet.v1.AcceleratorClass> views = new ArrayList<>();
        for (AcceleratorClass chipClass : state.settings().classes()) {
            Count count = counts.getOrDefault(chipClass.name(), new Count());
            views.add(dev.interposer.proto.fleet.v1.AcceleratorClass.newBuilder()
                    .setName(chipClass.name())
                    .setSupplierName(chipClass.supplierName())
                    .setChipFamily(chipClass.chipFamily())
                    .setMemoryBytes(chipClass.memoryBytes())
                    .setInstalled(count.installed)
                    .setHealthy(count.healthy)
                    .setAllocated(count.allocated)
                    .setForeign(count.foreign)
                    .setObserved(count.observed)
                    .setWaitingGangs(waiting(state, chipClass))
                    .setReferenceMilli(chipClass.referenceMilli())
                    .setPriceMilli(state.settings().pricesMilli().getOrDefault(chipClass.name(), 0L))
                    .build());
        }
        return views;
    }

    public static List<dev.interposer.proto.fleet.v1.Supplier> suppliers(State state) {
        Map<String, Count> counts = counts(state);
        Map<String, Count> bySupplier = new HashMap<>();
        int all = 0;
        for (AcceleratorClass chipClass : state.settings().classes()) {
            Count of = counts.getOrDefault(chipClass.name(), new Count());
            Count sum = bySupplier.computeIfAbsent(chipClass.supplierName(), name -> new Count());
            sum.installed += of.installed;
            sum.allocated += of.allocated;
            sum.foreign += of.foreign;
            all += of.installed;
        }
        List<dev.interposer.proto.fleet.v1.Supplier> views = new ArrayList<>();
        for (Supplier supplier : state.settings().suppliers()) {
            Count count = bySupplier.getOrDefault(supplier.name(), new Count());
            views.add(dev.interposer.proto.fleet.v1.Supplier.newBuilder()
                    .setName(supplier.name())
                    .setDisplayName(supplier.displayName())
                    .addAllTiers(supplier.tiers().stream().map(Names::camel).toList())
                    .setInstalled(count.installed)
                    .setAllocated(count.allocated)
                    .setForeign(count.foreign)
                    .setInstalledShareMilli(all == 0 ? 0 : (int) (1000L * count.installed / all))
                    .build());
        }
        return views;
    }

    public static List<Queue> queues(State state) {
        List<Queue> views = new ArrayList<>();
        for (JobQueue queue : state.settings().queues()) {
            int waiting = 0;
            int running = 0;
            int devices = 0;
            for (JobState job : state.jobs().all()) {
                if (!job.ended() && job.spec().queueName().equals(queue.name())) {
                    waiting += job.phase() == JobPhase.WAITING ? 1 : 0;
                    running += job.phase() == JobPhase.WAITING ? 0 : 1;
                    devices += devices(job);
                }
            }
            views.add(Queue.newBuilder()
                    .setName(queue.name())
                    .setParentName(queue.parentName())
                    .setWeight(queue.weight())
                    .setState(Names.camel(queue.state()))
                    .setWaitingJobs(waiting)
                    .setRunningJobs(running)
                    .setDevices(devices)
                    .build());
        }
        return views;
    }

    public static DeviceCount count(NodeState node) {
        Map<String, Count> counts = new HashMap<>();
        count(node, taken(node), counts);
        Count all = new Count();
        counts.values().forEach(count -> {
            all.installed += count.installed;
            all.allocated += count.allocated;
            all.foreign += count.foreign;
        });
        return new DeviceCount(all.installed, all.allocated, all.foreign);
    }

    private static int devices(JobState job) {
        int devices = 0;
        for (GangState gang : job.gangs()) {
            for (WorkerState worker : gang.workers()) {
                devices += worker.ended() ? 0 : worker.placement().devices().size();
            }
        }
        return devices;
    }

    private static int waiting(State state, AcceleratorClass chipClass) {
        int waiting = 0;
        for (JobState job : state.jobs().all()) {
            if (job.phase() == JobPhase.WAITING && wants(job.spec(), chipClass)) {
                waiting +=
                        (int) job.gangs().stream().filter(GangState::eligible).count();
            }
        }
        return waiting;
    }

    private static boolean wants(JobSpec spec, AcceleratorClass chipClass) {
        for (Profile profile : spec.profiles()) {
            for (Role role : profile.roles()) {
                var selector = role.accelerators().selector();
                if (role.accelerators().className().equals(chipClass.name())
                        || (selector != null && selector.admits(chipClass))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static Map<String, Count> counts(State state) {
        Map<String, Count> counts = new HashMap<>();
        state.nodes().all().forEach(node -> count(node, taken(node), counts));
        return counts;
    }

    private static void count(NodeState node, Map<Long, Integer> taken, Map<String, Count> counts) {
        for (dev.interposer.engine.model.Device device : node.devices()) {
            if (!device.className().isEmpty()) {
                Count count = counts.computeIfAbsent(device.className(), name -> new Count());
                count.installed++;
                count.healthy += device.report().health() == Health.HEALTHY ? 1 : 0;
                count.allocated += taken.containsKey(device.id()) ? 1 : 0;
                count.foreign += device.report().isForeign() ? 1 : 0;
                count.observed += node.info().observed() ? 1 : 0;
            }
        }
    }

    /** Thousandths taken, by device. */
    private static Map<Long, Integer> taken(NodeState node) {
        Map<Long, Integer> taken = new HashMap<>();
        for (WorkerState worker : node.workers()) {
            int share = worker.role().accelerators().shareMilli();
            // Each partition counts as its device; two of them are one device still.
            worker.placement().devices().stream()
                    .forEach(id -> taken.merge(id, share, (a, b) -> Math.min(AcceleratorRequest.WHOLE, a + b)));
        }
        return taken;
    }
}
