package dev.interposer.engine.plan;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.Partition;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** What must hold of topology, spread and parts of devices. Reads the state alone and knows nothing of arrays. */
final class TopologyOracle {
    private final State state;
    private final List<String> violations = new ArrayList<>();
    private Map<Long, Use> uses = new TreeMap<>();

    /** What is bound to one device. */
    private static final class Use {
        private int milli;
        private int slices;
        private boolean overlaps;
    }

    TopologyOracle(State state) {
        this.state = state;
    }

    List<String> violations() {
        violations.clear();
        uses = new TreeMap<>();
        Map<String, Set<GangState>> rackUsers = new HashMap<>();
        for (JobState job : state.jobs().all()) {
            for (GangState gang : job.gangs()) {
                if (gang.phase().holdsDevices()) {
                    placed(gang, rackUsers);
                }
            }
        }
        uses.forEach((device, use) -> {
            expect(use.milli <= 1000, "device " + device + " is given " + use.milli);
            expect(!use.overlaps, "two parts lie on one slice of device " + device);
            expect(use.milli == 0 || use.slices == 0, "device " + device + " is shared and split");
        });
        rackUsers.forEach((rack, users) -> expect(users.size() <= 1, "rack " + rack + " is shared"));
        state.jobs().all().forEach(job -> job.gangs().forEach(this::missed));
        return violations;
    }

    /** Whether a replica that is about to be placed keeps the rules of spread. */
    List<String> spreadBefore(JobEvent.GangAssigned assigned) {
        violations.clear();
        JobState job = Objects.requireNonNull(state.jobs().find(assigned.jobId()));
        InferenceSpec inference = job.spec().inference();
        if (inference != null) {
            for (InferenceSpec.Spread rule : inference.spread()) {
                Map<String, Integer> replicas = new TreeMap<>();
                int perWorker = role(job).accelerators().perWorker();
                usable(rule.level()).forEach((domain, devices) -> {
                    if (devices >= perWorker) {
                        replicas.put(domain, 0);
                    }
                });
                int fewest = Integer.MAX_VALUE;
                for (GangState other : job.gangs()) {
                    if (other.phase().holdsDevices()) {
                        replicas.merge(domain(node(other.workers().getFirst()), rule.level()), 1, Integer::sum);
                    }
                }
                for (Map.Entry<String, Integer> entry : replicas.entrySet()) {
                    if (usable(rule.level()).getOrDefault(entry.getKey(), 0) >= perWorker) {
                        fewest = Math.min(fewest, entry.getValue());
                    }
                }
                NodeState home = Objects.requireNonNull(
                        state.nodes().find(assigned.workers().getFirst().nodeId()));
                int there = replicas.getOrDefault(domain(home, rule.level()), 0);
                expect(there + 1 - fewest <= rule.maxSkew(), "replicas of " + job.name() + " are spread unevenly");
            }
        }
        return List.copyOf(violations);
    }

    private void placed(GangState gang, Map<String, Set<GangState>> rackUsers) {
        for (Role role : gang.profile().roles()) {
            long there = gang.workers().stream()
                    .filter(worker -> worker.role().name().equals(role.name()))
                    .count();
            expect(there >= role.workers().min(), "a gang is not whole: " + there + " of role " + role.name());
        }
        for (WorkerState worker : gang.workers()) {
            AcceleratorRequest request = worker.role().accelerators();
            NodeState node = node(worker);
            worker.placement().devices().stream()
                    .forEach(id -> use(request, worker.placement().start(), Objects.requireNonNull(node.device(id))));
            if (request.className().equals(RandomTopology.POD)) {
                rackUsers
                        .computeIfAbsent(domain(node, "rack"), rack -> new HashSet<>())
                        .add(gang);
            }
            boolean onPod = node.devices().stream()
                    .anyMatch(device -> device.className().equals(RandomTopology.POD));
            expect(request.perWorker() > 0 || !onPod, "work without devices is on a level that is taken whole");
        }
        TopologyRequest topology = gang.profile().topology();
        if (!topology.required().isEmpty()) {
            together(gang.workers(), topology.required(), "a gang is apart");
        }
        for (int rank = 0; topology.groupSize() > 0 && rank < gang.workers().size(); rank += topology.groupSize()) {
            List<WorkerState> group = gang.workers().subList(rank, rank + topology.groupSize());
            together(group, topology.groupRequired(), "a group is apart");
        }
    }

    private void together(List<WorkerState> workers, String level, String otherwise) {
        Set<String> domains = new HashSet<>();
        workers.forEach(worker -> domains.add(domain(node(worker), level)));
        expect(domains.size() == 1, otherwise + ": " + domains);
    }

    private void use(AcceleratorRequest request, int start, Device device) {
        Use use = uses.computeIfAbsent(device.id(), id -> new Use());
        boolean splitByAgent = device.report().partition().equals(request.partition());
        if (request.partition().isEmpty() || splitByAgent) {
            expect(splitByAgent, "device " + device.id() + " is a part and is given as something else");
            use.milli += request.shareMilli();
            return;
        }
        expect(device.report().partition().isEmpty(), "a part is split again");
        Partition partition = partition(device, request);
        int mask = ((1 << partition.slots()) - 1) << start;
        expect(partition.starts().contains(start), "a part starts at slice " + start);
        use.overlaps |= (use.slices & mask) != 0;
        use.slices |= mask;
    }

    private Partition partition(Device device, AcceleratorRequest request) {
        AcceleratorClass chipClass = Objects.requireNonNull(state.settings().acceleratorClass(device.className()));
        return chipClass.partitions().stream()
                .filter(candidate -> candidate.name().equals(request.partition()))
                .findFirst()
                .orElseThrow();
    }

    /** A gang of one worker without topology that would fit somewhere must not wait. */
    private void missed(GangState gang) {
        Role role = role(gang.job());
        boolean simple = gang.eligible()
                && gang.job().spec().profiles().getFirst().roles().size() == 1
                && role.workers().min() == 1
                && gang.job().spec().inference() == null
                && role.accelerators().className().equals(RandomTopology.CHIP)
                && gang.job().spec().profiles().getFirst().topology().equals(TopologyRequest.ANYWHERE);
        for (NodeState node : simple ? state.nodes().all() : List.<NodeState>of()) {
            long left = node.info().capacity().getOrDefault("cpu", 0L);
            for (WorkerState worker : node.workers()) {
                left -= worker.role().requests().getOrDefault("cpu", 0L);
            }
            long room = node.devices().stream()
                    .filter(device -> hasRoom(device, node, role.accelerators()))
                    .count();
            boolean fits = node.schedulable()
                    && left >= role.requests().getOrDefault("cpu", 0L)
                    && room >= role.accelerators().perWorker();
            expect(!fits, "job " + gang.job().name() + " waits and fits on " + node.name());
        }
    }

    private boolean hasRoom(Device device, NodeState node, AcceleratorRequest request) {
        Use use = uses.getOrDefault(device.id(), new Use());
        boolean parent = node.devices().stream()
                .anyMatch(other ->
                        other.report().parentName().equals(device.report().name()));
        if (!device.className().equals(request.className()) || device.report().health() != Health.HEALTHY || parent) {
            return false;
        }
        if (!device.report().partition().isEmpty() || request.partition().isEmpty()) {
            return device.report().partition().equals(request.partition())
                    && use.slices == 0
                    && use.milli + request.shareMilli() <= 1000;
        }
        Partition partition = partition(device, request);
        int mask = (1 << partition.slots()) - 1;
        return use.milli == 0 && partition.starts().stream().anyMatch(start -> (mask << start & use.slices) == 0);
    }

    /** Devices of the chip that take work, by domain. */
    private Map<String, Integer> usable(String level) {
        Map<String, Integer> usable = new TreeMap<>();
        for (NodeState node : state.nodes().all()) {
            for (Device device : node.devices()) {
                boolean parent = node.devices().stream()
                        .anyMatch(other -> other.report()
                                .parentName()
                                .equals(device.report().name()));
                if (node.schedulable()
                        && !parent
                        && device.report().partition().isEmpty()
                        && device.className().equals(RandomTopology.CHIP)
                        && device.report().health() == Health.HEALTHY) {
                    usable.merge(domain(node, level), 1, Integer::sum);
                }
            }
        }
        return usable;
    }

    private static Role role(JobState job) {
        return job.spec().profiles().getFirst().roles().getFirst();
    }

    private static String domain(NodeState node, String level) {
        String block = node.info().labels().getOrDefault("block", "");
        return level.equals("block")
                ? block
                : block + "/" + node.info().labels().getOrDefault("rack", "");
    }

    private NodeState node(WorkerState worker) {
        return Objects.requireNonNull(state.nodes().find(worker.nodeId()));
    }

    private void expect(boolean holds, String otherwise) {
        if (!holds) {
            violations.add(otherwise);
        }
    }
}
