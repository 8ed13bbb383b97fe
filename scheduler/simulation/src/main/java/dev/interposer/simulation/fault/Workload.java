package dev.interposer.simulation.fault;

import dev.interposer.control.command.Command;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.MatchKind;
import dev.interposer.engine.model.AcceleratorClass.MatchRule;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.ClassSelector;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.FailurePolicy.OnNodeLost;
import dev.interposer.engine.model.FailurePolicy.OnWorkerFailure;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.SecretReference;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a world has and is asked for: classes of two suppliers, nodes of two clusters, and jobs of many shapes. Each job
 * has one profile that fits the fleet whatever else it says, so that every job ends when all is quiet.
 */
final class Workload {
    static final int NODES = 6;

    private static final int SPECS = 14;
    private static final List<String> CLASSES = List.of("alpha", "beta", "gamma");
    private static final List<String> QUEUES = List.of("research", "serving");
    private static final List<String> PRIORITIES = List.of("", "", "low", "high");
    private static final int NODE_CPU_MILLI = 8_000;
    private static final int NODE_MEMORY_BYTES = 64;
    private static final long CLASS_MEMORY_BYTES = 40;
    private static final long LEASE_SECONDS = 6;

    private final VirtualTime time;
    private final List<JobSpec> specs = new ArrayList<>();

    Workload(VirtualTime time) {
        this.time = time;
        for (int spec = 0; spec < SPECS; spec++) {
            specs.add(draw());
        }
    }

    static Command.ApplyObjects objects() {
        return new Command.ApplyObjects(
                Actor.SCHEDULER,
                List.of(Supplier.of("first"), Supplier.of("second")),
                IntStream.range(0, CLASSES.size()).mapToObj(Workload::chip).toList(),
                QUEUES.stream().map(JobQueue::of).toList());
    }

    private static AcceleratorClass chip(int index) {
        String name = CLASSES.get(index);
        return new AcceleratorClass(
                name,
                index == 0 ? "first" : "second",
                index == 2 ? "late" : "early",
                List.of(new MatchRule(MatchKind.ATTRIBUTES, Map.of("model", name), "")),
                CLASS_MEMORY_BYTES * (index + 1),
                List.of(),
                List.of(),
                AcceleratorClass.DEFAULT_LADDER,
                "",
                List.of(),
                "",
                SecretReference.NONE);
    }

    /** The last node has no device; of the first two classes there are two nodes in one cluster each. */
    NodeReport node(int index) {
        String name = (index % CLASSES.size() == 1 ? "west" : "east") + "/n" + index;
        int count = index == NODES - 1 ? 0 : 2 + time.random(3);
        List<DeviceReport> devices = IntStream.range(0, count)
                .mapToObj(device -> DeviceReport.of(name + "-" + device, CLASSES.get(index % CLASSES.size())))
                .toList();
        Map<String, Long> capacity = Map.of("cpu", (long) NODE_CPU_MILLI, "memory", (long) NODE_MEMORY_BYTES);
        return new NodeReport(new NodeInfo(name, "boot", "simulated", Map.of(), capacity), devices);
    }

    /** Few enough shapes that several jobs share one. */
    JobSpec spec() {
        return specs.get(time.random(specs.size()));
    }

    private JobSpec draw() {
        boolean inference = time.chance(20);
        List<Profile> profiles = new ArrayList<>();
        if (time.chance(50)) {
            profiles.add(large());
        }
        profiles.add(time.random(profiles.size() + 1), small());
        return new JobSpec(
                inference ? JobKind.INFERENCE : JobKind.TRAINING,
                QUEUES.get(time.random(QUEUES.size())),
                PRIORITIES.get(time.random(PRIORITIES.size())),
                "",
                false,
                0,
                null,
                profiles.stream().distinct().toList(),
                inference ? null : training(),
                inference ? InferenceSpec.of(1 + time.random(3)) : null);
    }

    private Profile small() {
        int kind = time.random(6);
        AcceleratorRequest request = kind == 0 ? AcceleratorRequest.NONE : accelerators(kind <= 2);
        return new Profile("small", List.of(role("worker", WorkerCount.of(1), request)), topology(), "");
    }

    private Profile large() {
        AcceleratorRequest request = accelerators(time.chance(30));
        int min = 1 + time.random(2);
        WorkerCount count = new WorkerCount(min, min + time.random(4), 1 + time.random(2));
        List<Role> roles = new ArrayList<>();
        if (time.chance(30)) {
            roles.add(role("leader", WorkerCount.of(1), time.chance(50) ? AcceleratorRequest.NONE : request));
        }
        roles.add(role("worker", count, request));
        return new Profile("large", roles, topology(), "");
    }

    private TopologyRequest topology() {
        return switch (time.random(5)) {
            case 0 -> new TopologyRequest("node", "", 0, "");
            case 1 -> new TopologyRequest("", "node", 0, "");
            default -> TopologyRequest.ANYWHERE;
        };
    }

    private AcceleratorRequest accelerators(boolean shared) {
        int devices = shared ? 1 : 1 + time.random(2);
        int milli = shared ? 100 * (1 + time.random(8)) : AcceleratorRequest.WHOLE;
        if (time.chance(25)) {
            ClassSelector selector = time.chance(50)
                    ? new ClassSelector(List.of(), "early", 0, List.of())
                    : new ClassSelector(List.of(), "", 2 * CLASS_MEMORY_BYTES, List.of());
            return new AcceleratorRequest("", selector, devices, milli, "");
        }
        // Of the last class the one node with devices may have but two, so nobody depends on more.
        return new AcceleratorRequest(CLASSES.get(time.random(CLASSES.size())), null, devices, milli, "");
    }

    private Role role(String name, WorkerCount count, AcceleratorRequest accelerators) {
        Map<String, Long> requests = time.chance(60)
                ? Map.of("cpu", 500L * (1 + time.random(8)), "memory", 4L * (1 + time.random(8)))
                : Map.of();
        return new Role(name, count, accelerators, requests, Container.of("", "true"));
    }

    /** What becomes of a job whose node is lost differs. */
    private TrainingSpec training() {
        TrainingSpec base = TrainingSpec.DEFAULT;
        FailurePolicy policy = switch (time.random(10)) {
            case 0, 1, 2, 3, 5 -> policy(OnNodeLost.SELF_FENCE, LEASE_SECONDS);
            case 4 -> policy(OnNodeLost.REPLACE_AFTER_TIMEOUT, 0);
            default -> FailurePolicy.DEFAULT;
        };
        return new TrainingSpec(
                base.estimatedSeconds(),
                base.progress(),
                base.checkpoint(),
                base.preemption(),
                base.resizePolicy(),
                base.resizeCooldownSeconds(),
                base.profileChange(),
                policy,
                base.canary());
    }

    private static FailurePolicy policy(OnNodeLost onNodeLost, long leaseSeconds) {
        return new FailurePolicy(6, OnWorkerFailure.RESTART_GANG, List.of(), onNodeLost, leaseSeconds);
    }
}
