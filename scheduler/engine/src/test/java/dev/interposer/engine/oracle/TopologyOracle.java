package dev.interposer.engine.oracle;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.Partition;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.oracle.World.Gang;
import dev.interposer.engine.oracle.World.Job;
import dev.interposer.engine.oracle.World.Node;
import dev.interposer.engine.oracle.World.Worker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** What must hold of topology, spread and parts of devices. */
public final class TopologyOracle {
    /** The class whose devices may be shared and split. */
    public static final String CHIP = "chip";
    /** The class whose racks are taken whole. */
    public static final String POD = "pod";

    private final World world;
    private final List<String> violations = new ArrayList<>();
    private final Map<Long, Use> uses = new TreeMap<>();

    /** What is bound to one device. */
    private static final class Use {
        private int milli;
        private int slices;
        private boolean overlaps;
    }

    private TopologyOracle(World world) {
        this.world = world;
    }

    public static List<String> violations(World world) {
        TopologyOracle oracle = new TopologyOracle(world);
        oracle.check();
        return oracle.violations;
    }

    /** Whether a replica that is about to be placed on a node keeps the rules of spread. */
    public static List<String> spreadBefore(World world, long jobId, long nodeId) {
        TopologyOracle oracle = new TopologyOracle(world);
        oracle.checkSpread(world.job(jobId), world.node(nodeId));
        return oracle.violations;
    }

    /** Whether others use a device in a domain that a gang which is about to start would have to itself. */
    public static List<String> othersInWholeLevel(World world, String className, List<WorkerPlacement> workers) {
        TopologyOracle oracle = new TopologyOracle(world);
        Set<String> racks = new HashSet<>();
        workers.forEach(worker -> racks.add(domain(world.node(worker.nodeId()), "rack")));
        boolean alone = !className.equals(POD)
                || world.nodes().stream()
                        .filter(node -> racks.contains(domain(node, "rack")))
                        .flatMap(node -> node.devices().stream())
                        .filter(device -> device.className().equals(POD))
                        .allMatch(device -> device.report().foreign().isEmpty());
        oracle.expect(alone, "others use a device of the racks " + racks);
        return oracle.violations;
    }

    private void check() {
        Map<String, Set<Gang>> rackUsers = new HashMap<>();
        world.gangs().filter(gang -> gang.phase().holdsDevices()).forEach(gang -> placed(gang, rackUsers));
        uses.forEach((device, use) -> {
            expect(use.milli <= 1000, "device " + device + " is given " + use.milli);
            expect(!use.overlaps, "two parts lie on one slice of device " + device);
            expect(use.milli == 0 || use.slices == 0, "device " + device + " is shared and split");
        });
        rackUsers.forEach((rack, users) -> expect(users.size() <= 1, "rack " + rack + " is shared"));
        world.jobs().forEach(job -> job.gangs().forEach(gang -> missed(job, gang)));
    }

    private void checkSpread(Job job, Node home) {
        InferenceSpec inference = job.spec().inference();
        if (inference != null) {
            for (InferenceSpec.Spread rule : inference.spread()) {
                Map<String, Integer> replicas = new TreeMap<>();
                int perWorker = job.role().accelerators().perWorker();
                usable(rule.level()).forEach((domain, devices) -> {
                    if (devices >= perWorker) {
                        replicas.put(domain, 0);
                    }
                });
                int fewest = Integer.MAX_VALUE;
                for (Gang other : job.gangs()) {
                    if (other.phase().holdsDevices()) {
                        replicas.merge(domain(node(other.workers().getFirst()), rule.level()), 1, Integer::sum);
                    }
                }
                for (Map.Entry<String, Integer> entry : replicas.entrySet()) {
                    if (usable(rule.level()).getOrDefault(entry.getKey(), 0) >= perWorker) {
                        fewest = Math.min(fewest, entry.getValue());
                    }
                }
                int there = replicas.getOrDefault(domain(home, rule.level()), 0);
                expect(there + 1 - fewest <= rule.maxSkew(), "replicas of " + job.name() + " are spread unevenly");
            }
        }
    }

    private void placed(Gang gang, Map<String, Set<Gang>> rackUsers) {
        for (Role role : gang.placedAs().roles()) {
            long there = gang.workers().stream()
                    .filter(worker -> worker.role().name().equals(role.name()))
                    .count();
            expect(there >= role.workers().min(), "a gang is not whole: " + there + " of role " + role.name());
        }
        for (Worker worker : gang.workers()) {
            AcceleratorRequest request = worker.role().accelerators();
            Node node = node(worker);
            worker.devices()
                    .forEach(id -> use(request, worker.placement().start(), Objects.requireNonNull(node.device(id))));
            if (request.className().equals(POD)) {
                rackUsers
                        .computeIfAbsent(domain(node, "rack"), rack -> new HashSet<>())
                        .add(gang);
            }
            boolean onPod = node.devices().stream()
                    .anyMatch(device -> device.className().equals(POD));
            expect(request.perWorker() > 0 || !onPod, "work without devices is on a level that is taken whole");
        }
        TopologyRequest topology = gang.placedAs().topology();
        if (!topology.required().isEmpty()) {
            together(gang.workers(), topology.required(), "a gang is apart");
        }
        for (int rank = 0; topology.groupSize() > 0 && rank < gang.workers().size(); rank += topology.groupSize()) {
            List<Worker> group = gang.workers().subList(rank, rank + topology.groupSize());
            together(group, topology.groupRequired(), "a group is apart");
        }
    }

    private void together(List<Worker> workers, String level, String otherwise) {
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
        AcceleratorClass chipClass = world.chip(device.className());
        return Objects.requireNonNull(chipClass.partition(request.partition()));
    }

    /** A gang of one worker without topology that would fit somewhere must not wait. */
    private void missed(Job job, Gang gang) {
        Role role = job.role();
        boolean simple = gang.eligible()
                && job.spec().profiles().getFirst().roles().size() == 1
                && role.workers().min() == 1
                && job.spec().inference() == null
                && role.accelerators().className().equals(CHIP)
                && job.spec().profiles().getFirst().topology().equals(TopologyRequest.ANYWHERE);
        for (Node node : simple ? world.nodes() : List.<Node>of()) {
            long left = node.has("cpu")
                    - world.workersOn(node).stream()
                            .mapToLong(worker -> worker.role().requests().getOrDefault("cpu", 0L))
                            .sum();
            long room = node.devices().stream()
                    .filter(device -> hasRoom(device, node, role.accelerators()))
                    .count();
            boolean fits = node.schedulable()
                    && left >= role.requests().getOrDefault("cpu", 0L)
                    && room >= role.accelerators().perWorker();
            expect(
                    !fits,
                    "job " + job.name() + " waits and fits on " + node.info().name());
        }
    }

    private boolean hasRoom(Device device, Node node, AcceleratorRequest request) {
        Use use = uses.getOrDefault(device.id(), new Use());
        boolean parent = node.devices().stream()
                .anyMatch(other ->
                        other.report().parentName().equals(device.report().name()));
        if (!device.className().equals(request.className()) || !World.open(device) || parent) {
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
        for (Node node : world.nodes()) {
            for (Device device : node.devices()) {
                boolean parent = node.devices().stream()
                        .anyMatch(other -> other.report()
                                .parentName()
                                .equals(device.report().name()));
                if (node.schedulable()
                        && !parent
                        && device.report().partition().isEmpty()
                        && device.className().equals(CHIP)
                        && World.open(device)) {
                    usable.merge(domain(node, level), 1, Integer::sum);
                }
            }
        }
        return usable;
    }

    private static String domain(Node node, String level) {
        String block = node.info().labels().getOrDefault("block", "");
        return level.equals("block")
                ? block
                : block + "/" + node.info().labels().getOrDefault("rack", "");
    }

    private Node node(Worker worker) {
        return world.node(worker.nodeId());
    }

    private void expect(boolean holds, String otherwise) {
        if (!holds) {
            violations.add(otherwise);
        }
    }
}
