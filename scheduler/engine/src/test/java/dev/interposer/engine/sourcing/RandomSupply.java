package dev.interposer.engine.sourcing;

import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.JobQueue.ScopeKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Basis;
import dev.interposer.engine.model.SourcingPolicy.Enforcement;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.model.SourcingPolicy.PinnedWork;
import dev.interposer.engine.model.SourcingPolicy.SourcingException;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.SourcingPolicy.SourcingScope;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.oracle.SupplyOracle;
import dev.interposer.engine.oracle.World;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.Others;
import dev.interposer.engine.state.WorldOf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One random life of a fleet under sourcing policies. */
final class RandomSupply {
    static final int STEPS = 250;
    private static final String[] CLASSES = {"n1", "n2", "s1", "a1"};
    private static final String[] SUPPLIERS = {"north", "south", "alone", "fab", "mill", "broker"};
    private static final List<Tier> TIERS = List.of(Tier.DESIGNER, Tier.SELLER, Tier.FOUNDRY);
    private static final Map<String, String> FLAGSHIP = Map.of("run", "flagship");

    private final SplittableRandom random;
    private final SupplyScene scene = new SupplyScene();
    /** What the policies really are; the scene may have been told otherwise. */
    private final List<SourcingPolicy> policies = new ArrayList<>();

    private final List<String> violations = new ArrayList<>();
    private final UnaryOperator<SourcingPolicy> bug;
    private final Oracles oracles;
    private int named;
    private int starts;

    /** Who judges a moment. */
    interface Oracles {
        SupplyOracle at(World world, List<SourcingPolicy> policies, long atMicros);
    }

    RandomSupply(long seed, UnaryOperator<SourcingPolicy> bug) {
        this(seed, bug, SupplyOracle::new);
    }

    RandomSupply(long seed, UnaryOperator<SourcingPolicy> bug, Oracles oracles) {
        this.random = new SplittableRandom(seed);
        this.bug = bug;
        this.oracles = oracles;
    }

    /** The same with the scheduler choosing; what it starts must be what the rules allow. */
    List<String> runScheduled() {
        return runScheduled(STEPS);
    }

    List<String> runScheduled(int steps) {
        setUp();
        Scheduler scheduler = Scheduler.following(scene.state);
        for (int step = 0; step < steps && violations.isEmpty(); step++) {
            change();
            int at = step;
            scheduler.decide(1000, event -> decided(event, at));
            compareWithRebuilt(step);
        }
        return violations;
    }

    private void decided(JobEvent event, int step) {
        if (event instanceof JobEvent.GangAssigned assigned) {
            started(assigned, step);
        }
        scene.apply(event);
    }

    private void started(JobEvent.GangAssigned assigned, int step) {
        JobState job = Objects.requireNonNull(scene.state.jobs().find(assigned.jobId()));
        AcceleratorRequest request =
                job.spec().profiles().get(assigned.profile()).roles().getFirst().accelerators();
        long milli = (long) request.perWorker() * request.shareMilli();
        SupplyOracle oracle = oracles.at(WorldOf.state(scene.state), policies, scene.state.atMicros());
        if (!oracle.mayStart(job.id(), assigned.className(), milli)) {
            violations.add("step " + step + ": " + job.name() + " started on " + assigned.className());
        }
        starts++;
    }

    int starts() {
        return starts;
    }

    /** What was wrong. */
    List<String> run() {
        return run(STEPS);
    }

    List<String> run(int steps) {
        setUp();
        for (int step = 0; step < steps && violations.isEmpty(); step++) {
            change();
            askAndStart(step);
            compareWithRebuilt(step);
        }
        return violations;
    }

    private void setUp() {
        scene.suppliers(SUPPLIERS).queue("top", "").queue("left", "top").queue("right", "");
        scene.chip("n1", "north", 1000, SupplyScene.tier(Tier.FOUNDRY, "fab", 100));
        scene.chip("n2", "north", 2300, SupplyScene.tier(Tier.FOUNDRY, "fab", 60, "mill", 40));
        scene.chip("s1", "south", 1700, SupplyScene.tier(Tier.FOUNDRY, "mill", 70, "unknown", 30));
        scene.chip("a1", "alone", 333);
        for (String queue : List.of("top", "right")) {
            guarantee(queue, 1 + random.nextInt(20));
        }
        for (int node = 0; node < 5; node++) {
            addNode();
        }
        for (int policy = 0; policy < 1 + random.nextInt(3); policy++) {
            SourcingPolicy made = policy(policy);
            policies.add(made);
            scene.apply(new SettingEvent.PolicyApplied(bug.apply(made)));
        }
    }

    private void guarantee(String queue, int devices) {
        ScopeKind kind = random.nextBoolean() ? ScopeKind.ALL : ScopeKind.CLASS;
        Quota quota = new Quota(kind, kind == ScopeKind.ALL ? "" : "n2", devices, -1, -1, -1);
        scene.apply(new SettingEvent.QueueApplied(
                new JobQueue(queue, "", Map.of(), 1, List.of(quota), 0, 0, 0, QueueState.OPEN)));
    }

    private SourcingPolicy policy(int number) {
        List<SourcingRule> rules = new ArrayList<>();
        for (int left = 1 + random.nextInt(2); left > 0; left--) {
            Tier tier = TIERS.get(random.nextInt(TIERS.size()));
            String supplier = SUPPLIERS[random.nextInt(SUPPLIERS.length)];
            Enforcement enforcement = random.nextInt(5) == 0 ? Enforcement.REPORT : Enforcement.HARD;
            int none = SourcingPolicy.NO_BOUND;
            rules.add(new SourcingRule(tier, supplier, 5 + random.nextInt(50), none, none, enforcement));
        }
        SourcingScope scope = switch (random.nextInt(4)) {
            case 0 -> new SourcingScope(List.of("top"), Map.of());
            case 1 -> new SourcingScope(List.of(), Map.of("team", "a"));
            default -> SourcingScope.FLEET;
        };
        return new SourcingPolicy(
                "policy-" + number,
                scope,
                random.nextInt(3) == 0 ? Basis.ENTITLED : Basis.INSTALLED,
                random.nextInt(3),
                rules,
                0,
                random.nextBoolean() ? PinnedWork.BLOCK : PinnedWork.COUNT_ONLY,
                new InferenceSourcing(servingTier(), random.nextInt(4), random.nextInt(2) * 40),
                List.of(new SourcingException("launch", FLAGSHIP, "", 200 + random.nextInt(1500))));
    }

    private Tier servingTier() {
        return random.nextInt(3) == 0 ? Tier.FOUNDRY : Tier.DESIGNER;
    }

    private void addNode() {
        String[] labels = random.nextInt(3) == 0 ? new String[] {Origins.SELLER_LABEL, "broker"} : new String[0];
        scene.node("node-" + named++, CLASSES[random.nextInt(CLASSES.length)], 1 + random.nextInt(8), labels);
    }

    private void change() {
        List<NodeState> nodes = List.copyOf(scene.state.nodes().all());
        NodeState node = nodes.isEmpty() ? null : nodes.get(random.nextInt(nodes.size()));
        switch (random.nextInt(10)) {
            case 0 -> addNode();
            case 1 -> {
                if (node != null && node.workers().isEmpty()) {
                    scene.apply(new FleetEvent.NodeRemoved(node.id()));
                }
            }
            case 2 -> {
                if (node != null) {
                    String[] labels =
                            random.nextBoolean() ? new String[] {Origins.SELLER_LABEL, "broker"} : new String[0];
                    scene.report(node.id(), node.name().substring(2), List.copyOf(node.devices()), labels);
                }
            }
            case 3 -> {
                if (node != null) {
                    Device device = node.devices().iterator().next();
                    Health health = random.nextBoolean() ? Health.FAILED : Health.HEALTHY;
                    scene.apply(new FleetEvent.DeviceHealthChanged(node.id(), device.id(), health, "x"));
                    scene.apply(new FleetEvent.NodeCordoned(node.id(), random.nextInt(4) == 0));
                }
            }
            case 4 -> endOne(node);
            case 5 -> {
                if (node != null) {
                    scene.apply(
                            random.nextBoolean()
                                    ? Others.observe(node, random.nextBoolean())
                                    : Others.comeOrGo(node, random.nextInt(8)));
                }
            }
            default -> submit();
        }
    }

    private void endOne(@Nullable NodeState node) {
        if (node != null && !node.workers().isEmpty()) {
            scene.end(node.workers().getFirst().gang());
        }
    }

    private void submit() {
        String[] queues = {"top", "left", "right"};
        Map<String, String> labels = switch (random.nextInt(4)) {
            case 0 -> Map.of("team", "a");
            case 1 -> FLAGSHIP;
            default -> Map.of();
        };
        int devices = 1 + random.nextInt(3);
        AcceleratorRequest[] requests = new AcceleratorRequest[1 + random.nextInt(3)];
        for (int index = 0; index < requests.length; index++) {
            String name = CLASSES[random.nextInt(CLASSES.length)];
            requests[index] =
                    random.nextInt(4) == 0 ? AcceleratorRequest.share(name, 250) : AcceleratorRequest.of(name, devices);
        }
        boolean serves = random.nextInt(3) == 0;
        InferenceSpec inference = serves
                ? new InferenceSpec(
                        2 + random.nextInt(4),
                        null,
                        1,
                        30,
                        1,
                        0,
                        List.of(),
                        random.nextInt(3),
                        servingTier(),
                        random.nextInt(2) * 50,
                        0,
                        0)
                : null;
        JobSpec spec = SupplyScene.spec(
                queues[random.nextInt(3)],
                serves ? JobKind.INFERENCE : JobKind.TRAINING,
                1,
                inference,
                labels,
                requests);
        scene.submit(spec);
    }

    /** Asks for every waiting gang and profile on every node; starts what may start and finds enough devices. */
    private void askAndStart(int step) {
        scene.sourcing.at(scene.state.atMicros() + 1);
        SupplyOracle oracle = oracles.at(WorldOf.state(scene.state), policies, scene.state.atMicros() + 1);
        List<JobState> jobs = scene.state.jobs().all().stream()
                .filter(job -> job.gangs().stream().anyMatch(GangState::eligible))
                .toList();
        for (JobState job : jobs.subList(Math.max(0, jobs.size() - 4), jobs.size())) {
            GangState gang =
                    job.gangs().stream().filter(GangState::eligible).findFirst().orElseThrow();
            int profile = random.nextInt(job.spec().profiles().size());
            AcceleratorRequest request =
                    job.spec().profiles().get(profile).roles().getFirst().accelerators();
            long milli = (long) request.perWorker() * request.shareMilli();
            boolean starts = scene.asked(job, request.className(), milli).equals("starts");
            if (starts != oracle.mayStart(job.id(), request.className(), milli)) {
                violations.add(
                        "step " + step + ": job " + job.name() + " on " + request.className() + " starts: " + starts);
                return;
            }
            if (starts) {
                startSomewhere(gang, profile, request);
                return;
            }
        }
    }

    private void startSomewhere(GangState gang, int profile, AcceleratorRequest request) {
        for (NodeState node : scene.state.nodes().all()) {
            boolean fits = node.devices().size() >= request.perWorker()
                    && node.devices().iterator().next().className().equals(request.className());
            if (fits) {
                scene.start(gang, profile, node);
                return;
            }
        }
    }

    private void compareWithRebuilt(int step) {
        if (!scene.counters.all().equals(SupplyCounters.of(scene.state).all())) {
            violations.add("step " + step + ": counted " + scene.counters.all() + ", there is "
                    + SupplyCounters.of(scene.state).all());
        }
        List<Sourcing.RuleUse> rebuilt =
                Sourcing.following(scene.state, number -> CLASSES[number]).uses();
        if (!scene.sourcing.uses().equals(rebuilt)) {
            violations.add("step " + step + ": uses " + scene.sourcing.uses() + ", anew " + rebuilt);
        }
    }
}
