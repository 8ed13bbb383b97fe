package dev.interposer.engine.plan;

import static dev.interposer.engine.oracle.TopologyOracle.CHIP;
import static dev.interposer.engine.oracle.TopologyOracle.POD;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.fit.Demand;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
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
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.oracle.TopologyOracle;
import dev.interposer.engine.oracle.World;
import dev.interposer.engine.placement.PlacementPolicy;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.Others;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import dev.interposer.engine.state.WorldOf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One random life of a small fleet: two blocks of three racks of two nodes, half of the racks taken whole. */
final class RandomTopology {
    static final int STEPS = 300;

    private static final int MOST = 1000;
    /** Of so many starts one is bound on a fleet that was built anew, which takes long. */
    private static final int EVERY = 16;

    private static final List<Partition> PARTS = List.of(
            new Partition("1g", 0, 1, List.of(0, 1, 2, 3, 4, 5, 6)),
            new Partition("2g", 0, 2, List.of(0, 2, 4)),
            new Partition("3g", 0, 4, List.of(0, 4)));

    private final SplittableRandom random;
    private final List<Kind> kinds;
    private final PlacementPolicy policy;
    private final State state = new State();
    private final Scheduler scheduler;
    private final List<String> violations = new ArrayList<>();
    private long ids = 1;
    private int decisions;
    /** Changes a start on its way to the state, for a test that plants a bug. */
    UnaryOperator<JobEvent.GangAssigned> spoil = UnaryOperator.identity();

    /** What is submitted. */
    enum Kind {
        WHOLE,
        SHARE,
        PART,
        REQUIRED,
        GROUPS,
        WHOLE_LEVEL,
        SPREAD,
        ROLES,
        BARE
    }

    RandomTopology(long seed, PlacementPolicy policy, Set<Kind> kinds) {
        this.random = new SplittableRandom(seed);
        this.policy = policy;
        this.kinds = kinds.stream().sorted().toList();
        this.scheduler = Scheduler.following(state, policy);
    }

    /** A whole life. */
    List<String> run() {
        return run(STEPS);
    }

    List<String> run(int steps) {
        apply(new SettingEvent.ClassApplied(chipClass(CHIP, "")));
        apply(new SettingEvent.ClassApplied(chipClass(POD, "rack")));
        apply(new SettingEvent.QueueApplied(JobQueue.of("queue")));
        for (int node = 0; node < 12; node++) {
            addNode(node);
        }
        for (int step = 0; step < steps && violations.isEmpty(); step++) {
            change();
            scheduler.start(state.atMicros(), MOST, this::decided);
            violations.addAll(TopologyOracle.violations(WorldOf.state(state)));
            if (!new ArraysOf(state)
                    .same(scheduler.fleet(), Scheduler.following(state, policy).fleet())) {
                violations.add("the arrays differ from rebuilt ones");
            }
            LeftOut.of(state, scheduler, policy, state.atMicros() + 1)
                    .forEach(event -> violations.add("could start and was not tried: " + event));
            explained();
        }
        return violations;
    }

    /** Whoever waits is told what for, and that something of it is missing. */
    private void explained() {
        for (JobState job : state.jobs().all()) {
            for (GangState gang : job.gangs()) {
                Reason reason = gang.eligible() ? scheduler.explain(gang).reason() : Reason.of(ReasonCode.COMPLETED);
                if (reason.catchAll()) {
                    violations.add(job.name() + " is told only " + reason);
                }
            }
        }
    }

    private void decided(JobEvent event) {
        if (event instanceof JobEvent.GangAssigned assigned) {
            long node = assigned.workers().getFirst().nodeId();
            World world = WorldOf.state(state);
            violations.addAll(TopologyOracle.spreadBefore(world, assigned.jobId(), node));
            violations.addAll(TopologyOracle.othersInWholeLevel(world, assigned.className(), assigned.workers()));
            violations.addAll(world.closed(assigned.workers()));
        }
        if (event instanceof JobEvent.GangAssigned assigned && decisions++ % EVERY == 0) {
            applyAsDecided(assigned);
        } else {
            apply(event);
        }
    }

    /** The fleet that follows must come to have what was decided, bound on a fleet that was never tried on. */
    private void applyAsDecided(JobEvent.GangAssigned decided) {
        State before = new State();
        Snapshot.of(state).forEach(before::apply);
        Fleet rebuilt = Scheduler.following(before, policy).fleet();
        JobState job = Objects.requireNonNull(state.jobs().find(decided.jobId()));
        List<WorkerRequest> roles = Demand.of(job.spec(), state.settings(), rebuilt)
                .profiles()
                .get(decided.profile())
                .roles();
        decided.workers().forEach(worker -> rebuilt.bind(worker, roles.get(worker.role())));
        apply(spoil.apply(decided));
        if (!new ArraysOf(state).same(scheduler.fleet(), rebuilt)) {
            violations.add("what is kept is not what was decided: " + decided);
        }
    }

    private void apply(Event event) {
        state.apply(state.revision() + 1, state.atMicros() + 1, event);
    }

    private static AcceleratorClass chipClass(String name, String wholeLevel) {
        AcceleratorClass plain = AcceleratorClass.of(name, "maker");
        return new AcceleratorClass(
                name,
                "maker",
                "",
                plain.match(),
                0,
                List.of(),
                List.of(),
                List.of(new Level("node", ""), new Level("rack", "rack"), new Level("block", "block")),
                wholeLevel,
                wholeLevel.isEmpty() ? PARTS : List.of(),
                "",
                plain.costFrom());
    }

    private void addNode(int number) {
        String chip = number % 4 < 2 ? CHIP : POD;
        List<Device> devices = new ArrayList<>();
        long nodeId = ids++;
        for (int device = 0; device < 2 + number % 3; device++) {
            devices.add(new Device(ids++, chip, "", DeviceReport.of("d" + device, chip)));
        }
        if (number == 4) {
            DeviceReport part = new DeviceReport(
                    "part", "d0", "3g", 0, Map.of(), "", DeviceReport.DraIdentity.NONE, Health.HEALTHY, "");
            devices.add(new Device(ids++, chip, "", part));
        }
        Map<String, String> labels = Map.of("block", "b" + number / 6, "rack", "r" + number / 2 % 3);
        NodeInfo info =
                new NodeInfo("c/n" + number, "boot", "1", labels, Map.of("cpu", 8_000L + 4_000L * (number % 4)));
        apply(new FleetEvent.NodeReported(nodeId, info, devices));
    }

    private void change() {
        List<NodeState> nodes = List.copyOf(state.nodes().all());
        NodeState node = nodes.get(random.nextInt(nodes.size()));
        switch (random.nextInt(14)) {
            case 12 -> apply(Others.comeOrGo(node, random.nextInt(6)));
            case 13 -> apply(Others.observe(node, random.nextInt(3) == 0));
            case 0 -> apply(new FleetEvent.NodeCordoned(node.id(), !node.cordoned()));
            case 1 -> {
                Device device = List.copyOf(node.devices())
                        .get(random.nextInt(node.devices().size()));
                Health health = device.report().health() == Health.HEALTHY ? Health.SUSPECT : Health.HEALTHY;
                apply(new FleetEvent.DeviceHealthChanged(node.id(), device.id(), health, ""));
            }
            case 2, 3, 4, 5, 6 -> submit(kinds.get(random.nextInt(kinds.size())));
            default -> end(node);
        }
    }

    private void submit(Kind kind) {
        TopologyRequest anywhere = TopologyRequest.ANYWHERE;
        int few = 1 + random.nextInt(2);
        switch (kind) {
            case WHOLE -> submit(WorkerCount.of(few), AcceleratorRequest.of(CHIP, few), anywhere, null);
            case SHARE ->
                submit(WorkerCount.of(1), AcceleratorRequest.share(CHIP, 200 + random.nextInt(500)), anywhere, null);
            case PART -> {
                String part = PARTS.get(random.nextInt(PARTS.size())).name();
                submit(WorkerCount.of(1), new AcceleratorRequest(CHIP, null, 1, 1000, part), anywhere, null);
            }
            case REQUIRED ->
                submit(
                        new WorkerCount(2, 2 + few, 1),
                        AcceleratorRequest.of(CHIP, few),
                        new TopologyRequest(random.nextBoolean() ? "rack" : "block", "", 0, ""),
                        null);
            case GROUPS ->
                submit(
                        new WorkerCount(2, 4, 2),
                        AcceleratorRequest.of(CHIP, few),
                        new TopologyRequest(random.nextBoolean() ? "" : "block", "", 2, "rack"),
                        null);
            case WHOLE_LEVEL ->
                submit(new WorkerCount(few, 2 + few, 1), AcceleratorRequest.of(POD, few), anywhere, null);
            case SPREAD ->
                submit(
                        WorkerCount.of(1),
                        AcceleratorRequest.of(CHIP, 1),
                        anywhere,
                        new InferenceSpec.Spread(random.nextBoolean() ? "rack" : "block", few));
            case ROLES -> submitRoles(few);
            case BARE -> submit(WorkerCount.of(few), AcceleratorRequest.NONE, anywhere, null);
        }
    }

    /** A leader and its workers, together in a rack or a block. */
    private void submitRoles(int few) {
        Role leader = new Role(
                "leader",
                WorkerCount.of(1),
                random.nextBoolean() ? AcceleratorRequest.NONE : AcceleratorRequest.of(CHIP, few),
                Map.of("cpu", 1000L * random.nextInt(6)),
                Container.of("image", "run"));
        Role worker = new Role(
                "worker",
                new WorkerCount(1 + few, 2 + few, 1),
                AcceleratorRequest.of(CHIP, 1 + random.nextInt(2)),
                Map.of("cpu", 500L * random.nextInt(6)),
                Container.of("image", "run"));
        String level = List.of("", "rack", "block").get(random.nextInt(3));
        submit(List.of(leader, worker), new TopologyRequest(level, "", 0, ""), null);
    }

    private void submit(
            WorkerCount workers,
            AcceleratorRequest request,
            TopologyRequest topology,
            InferenceSpec.@Nullable Spread spread) {
        Map<String, Long> cpu = Map.of("cpu", 500L * random.nextInt(6));
        submit(List.of(new Role("worker", workers, request, cpu, Container.of("image", "run"))), topology, spread);
    }

    private void submit(List<Role> roles, TopologyRequest topology, InferenceSpec.@Nullable Spread spread) {
        InferenceSpec plain = InferenceSpec.of(3);
        InferenceSpec inference = spread == null
                ? null
                : new InferenceSpec(3, null, 1, 30, 1, 0, List.of(spread), 0, plain.sourcingTier(), 0, 0, 0);
        JobSpec spec = new JobSpec(
                spread == null ? JobKind.TRAINING : JobKind.INFERENCE,
                "queue",
                "",
                "",
                false,
                0,
                null,
                List.of(new Profile("only", roles, topology, "")),
                spread == null ? TrainingSpec.DEFAULT : null,
                inference);
        long specId = ids++;
        apply(new JobEvent.SpecStored(specId, "sha-" + specId, spec));
        long job = ids++;
        apply(new JobEvent.JobSubmitted(job, "ns", "job-" + job, specId, random.nextInt(3), "", "ada"));
    }

    private void end(NodeState node) {
        if (!node.workers().isEmpty()) {
            GangState gang = node.workers().getFirst().gang();
            for (WorkerState worker : gang.workers()) {
                apply(new JobEvent.WorkerEnded(worker.key(), EndCause.COMPLETED, 0, ""));
            }
            apply(new JobEvent.GangEnded(gang.job().id(), gang.index(), Reason.NONE));
        }
    }
}
