package dev.interposer.ledger.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.JobSize;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.control.core.ControlSettings;
import dev.interposer.control.core.Controller;
import dev.interposer.control.core.SlicePolicy;
import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.model.ObjectKind;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Basis;
import dev.interposer.engine.model.SourcingPolicy.Enforcement;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.model.SourcingPolicy.PinnedWork;
import dev.interposer.engine.model.SourcingPolicy.SourcingException;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.SourcingPolicy.SourcingScope;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.SupplyOrder;
import dev.interposer.engine.model.SupplyOrder.OrderDelivery;
import dev.interposer.engine.model.SupplyOrder.OrderState;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Old ledgers still fold to the states that they had: the files of {@code corpus/}, each beginning with the feature
 * level that it ends at, one page a line in Base64, the digest of the state last. None is ever written again. A new
 * kind of event goes into {@link #seldom} (or {@link #history}, when it comes by itself there) and into a file of its
 * own, by {@code -Dinterposer.corpus.write=FILE -Dinterposer.corpus.life=seldom} (or {@code history}).
 */
class CorpusTest {
    private static final long SECOND = 1_000_000;
    private static final Path CORPUS = Path.of("src/test/resources/corpus");

    private static final SupplyOrder ORDER = new SupplyOrder(
            "order",
            "maker",
            "big",
            List.of(new OrderDelivery("lot1", 64, "2027-01-15")),
            70,
            Map.of("site/order", "order"),
            OrderState.ACTIVE);
    private static final SourcingPolicy POLICY = new SourcingPolicy(
            "policy",
            new SourcingScope(List.of("queue"), Map.of("team", "a")),
            Basis.INSTALLED,
            8,
            List.of(new SourcingRule(Tier.DESIGNER, "maker", 60, 50, SourcingPolicy.NO_BOUND, Enforcement.REPORT)),
            3,
            PinnedWork.COUNT_ONLY,
            InferenceSourcing.NONE,
            List.of(new SourcingException("launch", Map.of("run", "flagship"), "launch", 1_800_000_000_000_000L)));

    private final EventCodec events = new EventCodec();
    private final PageCodec codec = new PageCodec(events);
    private final Digests digests = new Digests(events);

    static List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(CORPUS)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void anOldLedgerFoldsToTheStateThatItHad(String file) throws IOException {
        List<String> lines = Files.readAllLines(CORPUS.resolve(file));
        State state = new State();
        pages(file).forEach(page -> page.entries().forEach(state::apply));
        assertThat(state.revision()).isGreaterThan(20);
        assertThat(file).startsWith("v" + state.settings().featureLevel());
        assertThat(digests.of(state)).isEqualTo(lines.getLast());
    }

    @Test
    void theFilesTogetherHoldEveryKindOfEvent() throws IOException {
        write();
        Set<Class<?>> missing = new HashSet<>(RandomRecords.kindsOfEvent());
        for (String file : files()) {
            pages(file)
                    .forEach(page -> page.entries()
                            .forEach(entry -> missing.remove(entry.event().getClass())));
        }
        assertThat(missing)
                .as("kinds that no file of the corpus holds; see above")
                .isEmpty();
    }

    @Test
    void whatClustersSayOfNodesAndPodsIsRead() throws IOException {
        State state = new State();
        pages("v9-seldom.ledger").forEach(page -> page.entries().forEach(state::apply));
        NodeState node = Objects.requireNonNull(state.nodes().find("sim/n2"));
        assertThat(node.info().observed()).isTrue();
        assertThat(node.devices().stream().map(device -> device.report().foreign()))
                .containsExactly("batch/other-0", "", "", "");
        assertThat(state.jobs().all().stream()
                        .flatMap(job -> job.gangs().stream())
                        .map(gang -> gang.lastReason().code()))
                .contains(ReasonCode.POD_REJECTED);
    }

    private List<Page> pages(String file) throws IOException {
        List<String> lines = Files.readAllLines(CORPUS.resolve(file));
        return lines.subList(0, lines.size() - 1).stream()
                .map(line -> codec.decode(1, Base64.getDecoder().decode(line)))
                .toList();
    }

    @Test
    void aSnapshotAndTheTailFoldToTheSameAsEverything() {
        List<Page> pages = history(11);
        State whole = new State();
        State restored = new State();
        for (int index = 0; index < pages.size(); index++) {
            pages.get(index).entries().forEach(whole::apply);
            if (index == pages.size() / 2) {
                byte[] chunk = codec.encodeChunk(Snapshot.of(whole));
                codec.decodeChunk(chunk).forEach(restored::apply);
            } else if (index > pages.size() / 2) {
                pages.get(index).entries().forEach(restored::apply);
            }
        }
        assertThat(digests.of(restored)).isEqualTo(digests.of(whole));
    }

    /** Asked for by the properties above; in an ordinary run there is nothing to write. */
    private void write() throws IOException {
        String file = System.getProperty("interposer.corpus.write");
        if (file == null) {
            return;
        }
        boolean seldom = System.getProperty("interposer.corpus.life", "history").equals("seldom");
        List<String> lines = new ArrayList<>();
        State state = new State();
        for (Page page : seldom ? seldom() : history(4)) {
            lines.add(Base64.getEncoder().encodeToString(codec.encode(page)));
            page.entries().forEach(state::apply);
        }
        lines.add(digests.of(state));
        Files.write(Path.of(file), lines);
    }

    /** A life with most of what can happen in it. */
    private List<Page> history(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        State state = new State();
        Controller controller = new Controller(state, Scheduler.following(state), ControlSettings.DEFAULT, digests);
        List<Page> pages = new ArrayList<>();
        long now = 1_700_000_000_000_000L;
        for (int step = 0; step < 200; step++) {
            now += 700_000;
            form(controller, now, commands(step, random, state)).ifPresent(pages::add);
        }
        return pages;
    }

    private static Optional<Page> form(Controller controller, long now, List<Command> commands) {
        controller.begin(now);
        commands.forEach(controller::handle);
        controller.fireTimers(1 << 18);
        controller.decide(1 << 18);
        List<Entry> entries = controller.entries();
        return entries.isEmpty()
                ? Optional.empty()
                : Optional.of(new Page(
                        entries.getFirst().revision(), 1, entries.getFirst().atMicros(), entries));
    }

    /** What does not happen by itself in a short life: each command, or the time that passes, brings a kind. */
    private List<Page> seldom() {
        State before = new State();
        Controller first = new Controller(before, Scheduler.following(before), ControlSettings.DEFAULT, digests);
        long now = 1_700_000_000_000_000L;
        form(first, now, commands(0, new SplittableRandom(1), before));
        form(first, now + SECOND, List.of(submit(1, new SplittableRandom(1))));
        form(first, now + 2 * SECOND, List.of(new Command.CancelJob(Actor.user("ann", "rest"), "ns/job-1", 0)));
        // Its request id outlives the job: that is an event of snapshots only, and this ledger begins with one.
        form(first, now + 60 * SECOND, List.of());
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : Snapshot.of(before)) {
            entries.add(new Entry(entries.size() + 1, now + 60 * SECOND, entry.actor(), entry.event()));
        }
        List<Page> pages = new ArrayList<>(List.of(new Page(1, 1, now + 60 * SECOND, entries)));
        State state = new State();
        entries.forEach(state::apply);
        ControlSettings wary = ControlSettings.DEFAULT.with(new SlicePolicy(List.of("model"), 1, 3600 * SECOND, 100));
        Controller controller = new Controller(state, Scheduler.following(state), wary, digests);
        now += 61 * SECOND;
        for (Command command : seldomCommands()) {
            now += SECOND;
            form(controller, now, List.of(command)).ifPresent(pages::add);
        }
        WorkerState refused = Objects.requireNonNull(state.nodes().find("sim/n0")).workers().stream()
                .filter(worker -> worker.gang().stopCause() == null)
                .findFirst()
                .orElseThrow();
        now += SECOND;
        form(controller, now, List.of(rejected(refused))).ifPresent(pages::add);
        form(controller, now + 7200 * SECOND, List.of()).ifPresent(pages::add);
        now += 7260 * SECOND;
        Controller afterVacancy = new Controller(state, Scheduler.following(state), ControlSettings.DEFAULT, digests);
        afterVacancy.lead(2, true);
        form(afterVacancy, now, List.of()).ifPresent(pages::add);
        Command silent = new Command.NodeSilent(Actor.SCHEDULER, "sim/n0");
        form(afterVacancy, now + SECOND, List.of(silent)).ifPresent(pages::add);
        return pages;
    }

    private static List<Command> seldomCommands() {
        Actor operator = Actor.user("op", "grpc");
        Command.AgentHello one = (Command.AgentHello) hello("sim/n0");
        Command.AgentHello two = (Command.AgentHello) hello("sim/n1");
        WorkerKey stranger = new WorkerKey(77, 0, 1, 0);
        ReportedWorker runs =
                new ReportedWorker(stranger, true, EndCause.UNKNOWN, 0, "", List.of("sim/n1-0"), "", "", 0);
        return List.of(
                one,
                new Command.ChangeDeviceHealth(one.actor(), "sim/n0", "sim/n0-1", Health.SUSPECT, "it is hot"),
                new Command.AgentHello(two.actor(), two.report(), List.of(runs), 0, 0, 0),
                new Command.ReportWorker(two.actor(), "sim/n1", ReportedWorker.ended(stranger, EndCause.RELEASED, 0)),
                new Command.NodeSilent(Actor.SCHEDULER, "sim/n1"),
                new Command.RemoveNode(operator, "sim/n1"),
                new Command.DeleteObject(operator, ObjectKind.SOURCING_POLICY, "policy"),
                wholeNode(41),
                wholeNode(42),
                new Command.DrainNode(operator, "sim/n0", 60L),
                new Command.NodeSilent(Actor.SCHEDULER, "sim/n0"),
                new Command.AgentHello(one.actor(), one.report(), List.of(), 5, 0, 1_000_000),
                new Command.ResumePlacement(operator),
                new Command.CordonNode(operator, "sim/n0", false),
                service(43),
                othersOn("sim/n2"),
                scale(44, 3),
                scale(45, 1),
                new Command.ChangeDeviceHealth(one.actor(), "sim/n0", "sim/n0-1", Health.FAILED, "it is gone"));
    }

    /** A node that is only looked at, with a device in use there; from feature level 9 on. */
    private static Command othersOn(String node) {
        NodeReport report = ((Command.AgentHello) hello(node)).report();
        List<DeviceReport> devices = new ArrayList<>(report.devices());
        devices.set(0, devices.getFirst().usedBy("batch/other-0"));
        NodeReport observed = new NodeReport(report.info().observedOnly(true), devices);
        return new Command.AgentHello(Actor.agent(node), observed, List.of(), 0, 0, 0);
    }

    private static Command rejected(WorkerState worker) {
        ReportedWorker ended = new ReportedWorker(
                worker.key(), false, EndCause.POD_REJECTED, 0, "exceeded quota: pods", List.of(), "", "", 0);
        return new Command.ReportWorker(Actor.agent("sim/n0"), "sim/n0", ended);
    }

    private static Command service(int number) {
        Role role = new Role(
                "worker", WorkerCount.of(1), AcceleratorRequest.NONE, Map.of(), Container.of("image", "serve"));
        JobSpec spec = new JobSpec(
                JobKind.INFERENCE,
                "queue",
                "",
                "",
                false,
                0,
                20L,
                List.of(new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "")),
                null,
                InferenceSpec.of(2),
                Map.of());
        return new Command.SubmitJob(Actor.user("ann", "grpc"), request(number), "ns", "service", spec);
    }

    private static Command scale(int number, int replicas) {
        return new Command.ScaleJob(
                Actor.user("ann", "grpc"), request(number), "ns/service", 0, new JobSize.Replicas(replicas));
    }

    private static String request(int number) {
        return new UUID((((long) number) << 16) | 0x7000, 0x8000_0000_0000_0000L | number).toString();
    }

    private static List<Command> commands(int step, SplittableRandom random, State state) {
        if (step == 0) {
            return List.of(new Command.ApplyObjects(
                    Actor.user("ann", "grpc"),
                    List.of(Supplier.of("maker"), Supplier.of("other")),
                    List.of(AcceleratorClass.of("big", "maker").counting(2500), AcceleratorClass.of("small", "other")),
                    List.of(JobQueue.of("queue")),
                    List.of(ORDER),
                    List.of(POLICY)));
        }
        String node = "sim/n" + random.nextInt(4);
        List<Command> commands = new ArrayList<>();
        switch (random.nextInt(8)) {
            case 0 -> commands.add(hello(node));
            case 1, 2, 3 -> commands.add(submit(step, random));
            case 4 -> commands.add(new Command.NodeSilent(Actor.SCHEDULER, node));
            case 5 -> commands.add(new Command.FenceNode(Actor.user("op", "grpc"), node, "power is off"));
            case 6 -> commands.add(new Command.CordonNode(Actor.user("op", "grpc"), node, random.nextBoolean()));
            default ->
                commands.add(new Command.CancelJob(Actor.user("ann", "rest"), "ns/job-" + random.nextInt(200), 0));
        }
        for (var there : state.nodes().all()) {
            for (WorkerState worker : there.workers()) {
                if (random.nextInt(3) == 0) {
                    boolean runs = worker.startedAtMicros() == 0;
                    EndCause cause = random.nextInt(4) == 0 ? EndCause.EXIT_CODE : EndCause.COMPLETED;
                    commands.add(new Command.ReportWorker(
                            Actor.agent(there.name()),
                            there.name(),
                            runs
                                    ? ReportedWorker.running(worker.key())
                                    : ReportedWorker.ended(worker.key(), cause, cause == EndCause.COMPLETED ? 0 : 3)));
                }
            }
        }
        return commands;
    }

    private static Command hello(String node) {
        String model = node.endsWith("0") || node.endsWith("1") ? "big" : "small";
        List<DeviceReport> devices = IntStream.range(0, 4)
                .mapToObj(index -> DeviceReport.of(node + "-" + index, model))
                .toList();
        NodeInfo info = new NodeInfo(node, "boot", "1", Map.of("site/rack", "r1"), Map.of("cpu", 64_000L), "10.0.0.1");
        return new Command.AgentHello(Actor.agent(node), new NodeReport(info, devices), List.of(), 0, 0, 0);
    }

    /** The second of these has a place kept behind the first. */
    private static Command wholeNode(int number) {
        Role role = new Role(
                "worker", WorkerCount.of(1), AcceleratorRequest.of("big", 3), Map.of(), Container.of("image", "run"));
        JobSpec spec = new JobSpec(
                JobKind.TRAINING,
                "queue",
                "",
                "",
                false,
                0,
                20L,
                List.of(new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "")),
                TrainingSpec.DEFAULT,
                null,
                Map.of());
        UUID request = new UUID((((long) number) << 16) | 0x7000, 0x8000_0000_0000_0000L | number);
        return new Command.SubmitJob(Actor.user("ann", "grpc"), request.toString(), "ns", "whole-" + number, spec);
    }

    private static Command submit(int step, SplittableRandom random) {
        boolean inference = random.nextInt(4) == 0;
        AcceleratorRequest devices = random.nextBoolean()
                ? AcceleratorRequest.of(random.nextBoolean() ? "big" : "small", 1 + random.nextInt(4))
                : AcceleratorRequest.share("big", 250);
        Role role = new Role(
                "worker",
                WorkerCount.of(1 + random.nextInt(2)),
                devices,
                Map.of("cpu", 1000L),
                Container.of("image", "run"));
        JobSpec spec = new JobSpec(
                inference ? JobKind.INFERENCE : JobKind.TRAINING,
                "queue",
                random.nextBoolean() ? "high" : "",
                "",
                false,
                inference ? 0 : 60,
                20L,
                List.of(new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "")),
                inference ? null : TrainingSpec.DEFAULT,
                inference ? InferenceSpec.of(2) : null,
                random.nextBoolean() ? Map.of("team", "a") : Map.of());
        UUID request = new UUID((((long) step) << 16) | 0x7000, 0x8000_0000_0000_0000L | step);
        return new Command.SubmitJob(Actor.user("ann", "grpc"), request.toString(), "ns", "job-" + step, spec);
    }
}
