package dev.interposer.simulation.redecide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.control.core.ControlSettings;
import dev.interposer.control.core.Controller;
import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import dev.interposer.ledger.codec.Digests;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.ledger.codec.PageCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a controller decided on a small busy fleet is decided again. */
class RedecisionTest {
    private final PageCodec codec = new PageCodec(new EventCodec());
    private final List<Page> pages = history(new SplittableRandom(11));

    @Test
    void theSameIsDecidedFromTheBeginning() {
        Redecision again = new Redecision();
        pages.forEach(again::page);
        assertThat(again.differences()).isEmpty();
        assertThat(again.decisions()).isGreaterThan(30);
        assertThat(again.digest()).isEqualTo(new Digests(new EventCodec()).of(fold(pages)));
    }

    @Test
    void theSameIsDecidedFromASnapshotInTheMiddle() {
        int middle = pages.size() / 2;
        Redecision again = new Redecision();
        again.snapshot(codec.encodeChunk(Snapshot.of(fold(pages.subList(0, middle)))));
        pages.subList(middle, pages.size()).forEach(page -> again.page(codec.encode(page)));
        assertThat(again.differences()).isEmpty();
        assertThat(again.decisions()).isPositive();
        assertThat(again.digest()).isEqualTo(new Digests(new EventCodec()).of(fold(pages)));
    }

    @Test
    void aDecisionThatWasAnotherIsNamed() {
        Redecision again = new Redecision();
        boolean altered = false;
        long revision = 0;
        for (Page page : pages) {
            List<Entry> entries = new ArrayList<>();
            for (Entry entry : page.entries()) {
                Entry taken = altered ? entry : atAnotherPrice(entry);
                if (!taken.equals(entry)) {
                    altered = true;
                    revision = entry.revision();
                }
                entries.add(taken);
            }
            again.page(new Page(page.firstRevision(), page.epoch(), page.atMicros(), entries));
            if (altered) {
                break;
            }
        }
        assertThat(again.differences()).extracting(Difference::revision).containsExactly(revision);
    }

    /** As by a leader with a cap that is there no more: it starts less than is started now. */
    @Test
    void aStartThatWasNotMadeIsNamed() {
        Redecision again = new Redecision();
        for (Page page : pages) {
            List<Entry> entries = page.entries();
            boolean cut = entries.size() > 1 && entries.getLast().event() instanceof JobEvent.GangAssigned;
            List<Entry> less = cut ? entries.subList(0, entries.size() - 1) : entries;
            again.page(new Page(page.firstRevision(), page.epoch(), page.atMicros(), less));
            if (cut) {
                assertThat(again.differences())
                        .singleElement()
                        .satisfies(found -> assertThat(found.recorded()).isEmpty())
                        .satisfies(found -> assertThat(found.decided()).contains("GangAssigned"));
                return;
            }
        }
        throw new AssertionError("no page ends with a start");
    }

    /** A difference that the fold does not mind. */
    private static Entry atAnotherPrice(Entry entry) {
        if (entry.event() instanceof JobEvent.GangAssigned gang) {
            return new Entry(
                    entry.revision(),
                    entry.atMicros(),
                    entry.actor(),
                    new JobEvent.GangAssigned(
                            gang.jobId(),
                            gang.gang(),
                            gang.attempt(),
                            gang.profile(),
                            gang.className(),
                            gang.workers(),
                            gang.priceEpoch() + 1));
        }
        return entry;
    }

    private static List<Page> history(SplittableRandom random) {
        State state = new State();
        Controller controller = new Controller(
                state, Scheduler.following(state), ControlSettings.DEFAULT, new Digests(new EventCodec()));
        List<Page> pages = new ArrayList<>();
        for (int step = 0; step < 300; step++) {
            controller.begin(1_700_000_000_000_000L + step * 50_000L);
            for (Command command : commands(step, random, state)) {
                controller.handle(command);
            }
            controller.fireTimers(1 << 18);
            controller.decide(1 << 18);
            List<Entry> entries = controller.entries();
            if (!entries.isEmpty()) {
                pages.add(new Page(
                        entries.getFirst().revision(), 1, entries.getFirst().atMicros(), entries));
            }
        }
        return pages;
    }

    private static List<Command> commands(int step, SplittableRandom random, State state) {
        List<Command> commands = new ArrayList<>();
        if (step == 0) {
            commands.add(new Command.ApplyObjects(
                    Actor.SCHEDULER,
                    List.of(Supplier.of("maker")),
                    List.of(AcceleratorClass.of("chip", "maker")),
                    List.of(JobQueue.of("queue"))));
            for (int node = 0; node < 4; node++) {
                commands.add(hello("sim/n" + node));
            }
        }
        commands.add(new Command.SubmitJob(
                Actor.SCHEDULER,
                new UUID(0x7000L | (long) step << 16, Long.MIN_VALUE | step).toString(),
                "test",
                "job-" + step,
                spec(1 + random.nextInt(3), 1 + random.nextInt(4))));
        for (NodeState node : state.nodes().all()) {
            if (random.nextInt(4) == 0) {
                commands.add(new Command.ReportInventory(Actor.agent(node.name()), others(node, random)));
            }
            for (WorkerState worker : node.workers()) {
                if (random.nextInt(3) == 0) {
                    commands.add(new Command.ReportWorker(
                            Actor.agent(node.name()),
                            node.name(),
                            ReportedWorker.ended(worker.key(), EndCause.COMPLETED, 0)));
                }
            }
        }
        return commands;
    }

    /** Somebody uses some of its devices, and at times another scheduler owns it. */
    private static NodeReport others(NodeState node, SplittableRandom random) {
        return new NodeReport(
                node.info().observedOnly(random.nextInt(4) == 0),
                node.devices().stream()
                        .map(device -> device.report().usedBy(random.nextInt(4) == 0 ? "batch/other" : ""))
                        .toList());
    }

    private static Command hello(String node) {
        List<DeviceReport> devices = IntStream.range(0, 4)
                .mapToObj(index -> DeviceReport.of(node + "-" + index, "chip"))
                .toList();
        NodeInfo info = new NodeInfo(node, "boot", "1", Map.of(), Map.of());
        return new Command.AgentHello(Actor.agent(node), new NodeReport(info, devices), List.of(), 0, 0, 0);
    }

    private static JobSpec spec(int workers, int devices) {
        Role role = new Role(
                "worker",
                WorkerCount.of(workers),
                AcceleratorRequest.of("chip", devices),
                Map.of(),
                Container.of("", "true"));
        Profile profile = new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "");
        return new JobSpec(
                JobKind.TRAINING, "queue", "", "", false, 0, null, List.of(profile), TrainingSpec.DEFAULT, null);
    }

    private static State fold(List<Page> pages) {
        State state = new State();
        pages.forEach(page -> page.entries().forEach(state::apply));
        return state;
    }
}
