package dev.interposer.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.fleet.Chosen;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.Health;
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
import dev.interposer.engine.oracle.FleetOracle;
import dev.interposer.engine.placement.BestFit;
import dev.interposer.engine.placement.Domain;
import dev.interposer.engine.placement.PlacementPolicy;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.Others;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import dev.interposer.engine.state.WorldOf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Random fleets and work, against {@link FleetOracle}. */
class RandomFleetTest {
    private static final int SEEDS = Integer.getInteger("interposer.fleetSeeds", 60);
    private static final int STEPS = 400;

    @Test
    void whatIsDecidedHolds() {
        Lives.hold(SEEDS, STEPS, (seed, steps) -> new Run(seed, new BestFit()).run(steps));
    }

    /** With a bug a life fails, and no shorter part of it does. */
    @Test
    void theShortestPartThatFailsIsFound() {
        int shortest = Lives.shortest(3, STEPS, (seed, steps) -> new Run(seed, new Misbehaving(true)).run(steps));
        assertThat(new Run(3, new Misbehaving(true)).run(shortest)).isNotEmpty();
        assertThat(new Run(3, new Misbehaving(true)).run(shortest - 1)).isEmpty();
    }

    @Test
    void aPolicyThatGivesTakenDevicesIsFound() {
        PlacementPolicy careless = new Misbehaving(true);
        assertThat(new Run(3, careless).run(STEPS)).isNotEmpty();
    }

    @Test
    void aPolicyThatMissesPlacesIsFound() {
        PlacementPolicy blind = new Misbehaving(false);
        assertThat(new Run(3, blind).run(STEPS)).isNotEmpty();
    }

    /** Both happen in the very lives in which nothing of the kind is found. */
    @Test
    void aPolicyThatGivesWhatOthersUseOrOwnIsFound() {
        assertThat(wrong(new Trespassing(false))).anyMatch(violation -> violation.contains("others use it: batch/"));
        assertThat(wrong(new Trespassing(true))).anyMatch(violation -> violation.contains("is only looked at"));
    }

    private static List<String> wrong(PlacementPolicy policy) {
        List<String> found = new ArrayList<>();
        for (long seed = 1; seed <= 20; seed++) {
            found.addAll(new Run(seed, policy).run(STEPS));
        }
        return found;
    }

    /** Best fit with a bug: always the first device, or never the lowest nodes. */
    private static final class Misbehaving implements PlacementPolicy {
        private final BestFit sane = new BestFit();
        private final boolean firstDevice;

        Misbehaving(boolean firstDevice) {
            this.firstDevice = firstDevice;
        }

        @Override
        public int chooseNode(Fleet fleet, WorkerRequest request, Domain within) {
            int node = sane.chooseNode(fleet, request, within);
            return firstDevice || node > 2 ? node : -1;
        }

        @Override
        public void chooseDevices(Fleet fleet, WorkerRequest request, int node, Chosen chosen) {
            sane.chooseDevices(fleet, request, node, chosen);
            if (firstDevice && request.devices() > 0) {
                chosen.clear();
                chosen.add(0);
            }
        }

        @Override
        public boolean weighsClasses() {
            return false;
        }
    }

    /** Best fit with a bug: it takes devices that take no work, or nodes. */
    private static final class Trespassing implements PlacementPolicy {
        private final BestFit sane = new BestFit();
        private final boolean onNodes;

        Trespassing(boolean onNodes) {
            this.onNodes = onNodes;
        }

        @Override
        public int chooseNode(Fleet fleet, WorkerRequest request, Domain within) {
            int node = sane.chooseNode(fleet, request, within);
            for (int other = 0; onNodes && request.devices() == 1 && node >= 0 && other < fleet.nodeSlots(); other++) {
                if (!fleet.isSchedulable(other) && fleet.deviceClass(other, 0) == fleet.deviceClass(node, 0)) {
                    return other;
                }
            }
            return node;
        }

        @Override
        public void chooseDevices(Fleet fleet, WorkerRequest request, int node, Chosen chosen) {
            if (fleet.isSchedulable(node)) {
                sane.chooseDevices(fleet, request, node, chosen);
            } else {
                chosen.clear();
                chosen.add(0);
            }
            for (int device = 0; !onNodes && request.devices() == 1 && device < fleet.deviceCount(node); device++) {
                if (!fleet.deviceUsable(node, device)) {
                    chosen.clear();
                    chosen.add(device);
                }
            }
        }

        @Override
        public boolean weighsClasses() {
            return false;
        }
    }

    /** One random life. */
    private static final class Run {
        private final SplittableRandom random;
        private final State state = new State();
        private final Scheduler scheduler;
        private final PlacementPolicy policy;
        private final List<String> violations = new ArrayList<>();
        private long ids = 1;

        Run(long seed, PlacementPolicy policy) {
            this.random = new SplittableRandom(seed);
            this.policy = policy;
            this.scheduler = Scheduler.following(state, policy);
        }

        List<String> run(int steps) {
            apply(new SettingEvent.ClassApplied(AcceleratorClass.of("big", "maker")));
            apply(new SettingEvent.ClassApplied(AcceleratorClass.of("small", "other")));
            apply(new SettingEvent.QueueApplied(JobQueue.of("queue")));
            for (int node = 0; node < 6; node++) {
                addNode(node);
            }
            for (int step = 0; step < steps && violations.isEmpty(); step++) {
                change();
                scheduler.decide(1000, this::decided);
                check(step);
            }
            return violations;
        }

        private void decided(JobEvent event) {
            if (event instanceof JobEvent.GangAssigned assigned) {
                violations.addAll(WorldOf.state(state).closed(assigned.workers()));
            }
            apply(event);
        }

        private void apply(Event event) {
            state.apply(state.revision() + 1, state.atMicros() + 1, event);
        }

        private void addNode(int number) {
            String model = number % 2 == 0 ? "big" : "small";
            List<Device> devices = new ArrayList<>();
            long nodeId = ids++;
            for (int device = 0; device < 2 + 2 * (number % 3); device++) {
                devices.add(new Device(ids++, model, "", DeviceReport.of("d" + device, model)));
            }
            NodeInfo info = new NodeInfo(
                    "c" + number % 2 + "/n" + number, "boot", "1", Map.of(), Map.of("cpu", 8_000L + 4_000L * number));
            apply(new FleetEvent.NodeReported(nodeId, info, devices));
        }

        private void change() {
            List<NodeState> nodes = List.copyOf(state.nodes().all());
            NodeState node = nodes.get(random.nextInt(nodes.size()));
            switch (random.nextInt(12)) {
                case 10 -> apply(Others.comeOrGo(node, random.nextInt(6)));
                case 11 -> apply(Others.observe(node, random.nextInt(3) == 0));
                case 0 -> apply(new FleetEvent.NodeCordoned(node.id(), !node.cordoned()));
                case 1 -> {
                    Device device = List.copyOf(node.devices())
                            .get(random.nextInt(node.devices().size()));
                    Health health = device.report().health() == Health.HEALTHY ? Health.SUSPECT : Health.HEALTHY;
                    apply(new FleetEvent.DeviceHealthChanged(node.id(), device.id(), health, ""));
                }
                case 2, 3, 4, 5 -> submit();
                default -> endOne(node);
            }
        }

        private void submit() {
            boolean shared = random.nextInt(3) == 0;
            String chip = random.nextBoolean() ? "big" : "small";
            AcceleratorRequest request = shared
                    ? AcceleratorRequest.share(chip, 250 * (1 + random.nextInt(3)))
                    : AcceleratorRequest.of(chip, 1 + random.nextInt(4));
            int least = 1 + random.nextInt(3);
            Role role = new Role(
                    "worker",
                    new WorkerCount(least, least + random.nextInt(2), 1),
                    request,
                    Map.of("cpu", 1000L * random.nextInt(6)),
                    Container.of("image", "run"));
            JobSpec spec = new JobSpec(
                    JobKind.TRAINING,
                    "queue",
                    "",
                    "",
                    false,
                    0,
                    null,
                    List.of(new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "")),
                    TrainingSpec.DEFAULT,
                    null);
            long specId = ids++;
            apply(new JobEvent.SpecStored(specId, "sha-" + specId, spec));
            long job = ids++;
            apply(new JobEvent.JobSubmitted(job, "ns", "job-" + job, specId, random.nextInt(3), "", "ada"));
        }

        private void endOne(NodeState node) {
            if (node.workers().isEmpty()) {
                return;
            }
            GangState gang = node.workers().getFirst().gang();
            for (WorkerState worker : gang.workers()) {
                apply(new JobEvent.WorkerEnded(worker.key(), EndCause.COMPLETED, 0, ""));
            }
            apply(new JobEvent.GangEnded(gang.job().id(), 0, Reason.NONE));
        }

        private void check(int step) {
            FleetOracle.violations(WorldOf.state(state)).forEach(violation -> expect(false, step, violation));
            boolean same = new ArraysOf(state)
                    .same(scheduler.fleet(), Scheduler.following(state, policy).fleet());
            expect(same, step, "the arrays differ from rebuilt ones");
        }

        private void expect(boolean holds, int step, String otherwise) {
            if (!holds) {
                violations.add("step " + step + ": " + otherwise);
            }
        }
    }
}
