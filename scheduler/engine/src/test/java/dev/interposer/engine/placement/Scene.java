package dev.interposer.engine.placement;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.Level;
import dev.interposer.engine.model.AcceleratorClass.Partition;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A small fleet and work for it, written down in the order of its coming. */
final class Scene {
    static final List<Level> LADDER = List.of(
            new Level("scaleup", ""),
            new Level("node", ""),
            new Level("rack", "site/rack"),
            new Level("block", "site/block"),
            new Level("cluster", ""));
    private static final String QUEUE = "queue";
    private static final int MOST = 1000;

    private final State state = new State();
    private final Scheduler scheduler = Scheduler.following(state);
    private long ids = 1;

    Scene() {
        apply(new SettingEvent.QueueApplied(JobQueue.of(QUEUE)));
    }

    /** A class with racks and blocks. */
    Scene chip(String name) {
        return chip(name, "", List.of());
    }

    Scene chip(String name, String wholeLevel, List<Partition> partitions) {
        AcceleratorClass plain = AcceleratorClass.of(name, "maker");
        apply(new SettingEvent.ClassApplied(new AcceleratorClass(
                name,
                "maker",
                "",
                plain.match(),
                0,
                List.of(),
                List.of(),
                LADDER,
                wholeLevel,
                partitions,
                "",
                plain.costFrom())));
        return this;
    }

    /** A node with devices of one class, in {@code block/rack}. */
    Scene node(String name, String place, String chip, int devices) {
        return node(
                name,
                place,
                IntStream.range(0, devices)
                        .mapToObj(device -> new Device(ids++, chip, "", DeviceReport.of(name + "-" + device, chip)))
                        .toList());
    }

    Scene node(String name, String place, List<Device> devices) {
        int slash = place.indexOf('/');
        NodeInfo info = new NodeInfo(
                "c/" + name,
                "boot",
                "1",
                Map.of("site/block", place.substring(0, slash), "site/rack", place.substring(slash + 1)),
                Map.of("cpu", 64_000L));
        apply(new FleetEvent.NodeReported(ids++, info, devices));
        return this;
    }

    /** A device that its agent split off another. */
    Device partOf(String parent, String partition, String chip) {
        DeviceReport whole = DeviceReport.of(parent + "-" + ids, chip);
        return new Device(
                ids++,
                chip,
                "",
                new DeviceReport(
                        whole.name(),
                        parent,
                        partition,
                        0,
                        whole.attributes(),
                        "",
                        DeviceReport.DraIdentity.NONE,
                        Health.HEALTHY,
                        ""));
    }

    Device whole(String name, String chip) {
        return new Device(ids++, chip, "", DeviceReport.of(name, chip));
    }

    Scene cordon(String name) {
        apply(new FleetEvent.NodeCordoned(nodeOf(name).id(), true));
        return this;
    }

    static AcceleratorRequest devices(String chip, int count) {
        return AcceleratorRequest.of(chip, count);
    }

    static AcceleratorRequest partition(String chip, String partition) {
        return new AcceleratorRequest(chip, null, 1, AcceleratorRequest.WHOLE, partition);
    }

    static Role role(String name, WorkerCount count, AcceleratorRequest request) {
        return new Role(name, count, request, Map.of("cpu", 1000L), Container.of("image", "run"));
    }

    /** A gang of one role; what it needs is decided at once. */
    GangState gang(int workers, AcceleratorRequest request, TopologyRequest topology) {
        return gang(WorkerCount.of(workers), request, topology);
    }

    GangState gang(WorkerCount workers, AcceleratorRequest request, TopologyRequest topology) {
        return gang(List.of(role("worker", workers, request)), topology);
    }

    GangState gang(List<Role> roles, TopologyRequest topology) {
        return submit(roles, topology, null).getFirst();
    }

    /** An inference job of replicas with one worker each. */
    List<GangState> replicas(int replicas, AcceleratorRequest request, InferenceSpec.Spread... spread) {
        InferenceSpec plain = InferenceSpec.of(replicas);
        InferenceSpec inference = new InferenceSpec(
                replicas,
                null,
                plain.maxUnavailable(),
                plain.graceSeconds(),
                plain.maxSurge(),
                plain.rolloutMaxUnavailable(),
                List.of(spread),
                0,
                plain.sourcingTier(),
                0,
                0,
                0);
        return submit(List.of(role("worker", WorkerCount.of(1), request)), TopologyRequest.ANYWHERE, inference);
    }

    private List<GangState> submit(List<Role> roles, TopologyRequest topology, @Nullable InferenceSpec inference) {
        JobSpec spec = new JobSpec(
                inference == null ? JobKind.TRAINING : JobKind.INFERENCE,
                QUEUE,
                "",
                "",
                false,
                0,
                null,
                List.of(new Profile("only", roles, topology, "")),
                inference == null ? TrainingSpec.DEFAULT : null,
                inference);
        long specId = ids++;
        apply(new JobEvent.SpecStored(specId, "sha-" + specId, spec));
        long job = ids++;
        apply(new JobEvent.JobSubmitted(job, "ns", "job-" + job, specId, 0, "", "ada"));
        decide();
        JobState made = Objects.requireNonNull(state.jobs().find(job));
        return made.gangs();
    }

    /** Every worker of it ends; others may start. */
    void end(GangState gang) {
        for (WorkerState worker : List.copyOf(gang.workers())) {
            apply(new JobEvent.WorkerEnded(worker.key(), EndCause.COMPLETED, 0, ""));
        }
        apply(new JobEvent.GangEnded(gang.job().id(), gang.index(), Reason.NONE));
        decide();
    }

    private void decide() {
        scheduler.start(state.atMicros(), MOST, this::apply);
    }

    private void apply(Event event) {
        state.apply(state.revision() + 1, state.atMicros() + 1, event);
    }

    Reason why(GangState gang) {
        return scheduler.explain(gang).reason();
    }

    static boolean placed(GangState gang) {
        return gang.phase().holdsDevices();
    }

    /** Value of a label of each worker's node, in the order of the ranks. */
    List<String> where(GangState gang, String label) {
        return gang.workers().stream()
                .map(worker -> node(worker).info().labels().getOrDefault(label, ""))
                .toList();
    }

    List<String> racks(GangState gang) {
        return where(gang, "site/rack");
    }

    /** Name of each worker's node without its cluster. */
    List<String> nodes(GangState gang) {
        return gang.workers().stream()
                .map(worker -> node(worker).name().substring(2))
                .toList();
    }

    /** Names of all devices of a gang. */
    List<String> deviceNames(GangState gang) {
        List<String> names = new ArrayList<>();
        for (WorkerState worker : gang.workers()) {
            NodeState node = node(worker);
            worker.placement().devices().stream()
                    .mapToObj(node::device)
                    .forEach(device ->
                            names.add(Objects.requireNonNull(device).report().name()));
        }
        return names;
    }

    /** How many replicas each block has. */
    Map<String, Integer> byBlock(List<GangState> replicas) {
        Map<String, Integer> counts = new TreeMap<>();
        replicas.stream()
                .filter(Scene::placed)
                .forEach(gang -> where(gang, "site/block").stream()
                        .distinct()
                        .forEach(block -> counts.merge(block, 1, Integer::sum)));
        return counts;
    }

    private NodeState node(WorkerState worker) {
        return Objects.requireNonNull(state.nodes().find(worker.nodeId()));
    }

    private NodeState nodeOf(String name) {
        return Objects.requireNonNull(state.nodes().find("c/" + name));
    }
}
