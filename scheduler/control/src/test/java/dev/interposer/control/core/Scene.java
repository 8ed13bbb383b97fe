package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.agents.NodeOrders;
import dev.interposer.control.agents.Order;
import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.JobSize;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.Event;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.model.Supplier;
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
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A scheduler over a ledger in memory, where every page is durable at once, with a clock that the test moves. */
final class Scene {
    static final Actor USER = Actor.user("ada", "test");
    static final long SECOND = 1_000_000;

    final List<Entry> ledger = new ArrayList<>();
    final List<NodeOrders> welcomes = new ArrayList<>();
    final List<NodeOrders> orders = new ArrayList<>();
    final ControlSettings settings;
    long nowMicros = 1_000 * SECOND;
    Pipeline pipeline;
    private int requests;

    Scene() {
        this(ControlSettings.DEFAULT);
    }

    /** Standard settings with such bounds. */
    static ControlSettings within(int waitingGangs, int endedJobs, int requests, long specBytes) {
        int assignments = ControlSettings.DEFAULT.bounds().assignmentsPerPage();
        return ControlSettings.DEFAULT.within(
                new ControlSettings.Bounds(waitingGangs, endedJobs, requests, specBytes, assignments));
    }

    Scene(ControlSettings settings) {
        this.settings = settings;
        this.pipeline = open();
        send(new Command.ApplyObjects(
                USER,
                List.of(Supplier.of("acme")),
                List.of(AcceleratorClass.of("a1", "acme")),
                List.of(JobQueue.of("research"))));
    }

    /** Reads the ledger anew, as a new leader does. */
    void restart() {
        pipeline = open();
    }

    /** The same when nobody has led for long. */
    void restartAfterVacancy() {
        pipeline = open(true);
    }

    private Pipeline open() {
        return open(false);
    }

    private Pipeline open(boolean listensFirst) {
        State state = new State();
        ledger.forEach(state::apply);
        Controller controller = new Controller(
                state, Scheduler.following(state), settings, spec -> Integer.toHexString(spec.hashCode()));
        return new Pipeline(
                controller, new Pipeline.Start(1, listensFirst), PipelineBounds.DEFAULT, new RefusedCommands());
    }

    State state() {
        return pipeline.controller().state();
    }

    /** Sends a command and lets everything that follows from it happen. */
    Outcome send(Command command) {
        List<Outcome> outcome = new ArrayList<>();
        pipeline.offer(new Ticket(command, outcome::add));
        settle();
        assertThat(outcome).as("one outcome").hasSize(1);
        return outcome.getFirst();
    }

    void settle() {
        for (int turn = 0; turn < 1000; turn++) {
            SealedPage page = pipeline.step(nowMicros);
            welcomes.addAll(pipeline.takeIdleWelcomes());
            if (page == null) {
                return;
            }
            ledger.addAll(page.page().entries());
            pipeline.committed();
            orders.addAll(page.orders());
            welcomes.addAll(page.welcomes());
        }
        throw new AssertionError("does not come to rest");
    }

    void pass(long seconds) {
        nowMicros += seconds * SECOND;
        settle();
    }

    // ---- agents

    static NodeReport report(String node, String bootId, String model, int devices) {
        return new NodeReport(
                new NodeInfo(node, bootId, "test", Map.of(), Map.of("cpu", 64_000L)),
                IntStream.range(0, devices)
                        .mapToObj(index -> DeviceReport.of("d" + index, model))
                        .toList());
    }

    /** A node with devices of class a1 says hello with what it runs. */
    Outcome hello(String node, int devices, ReportedWorker... workers) {
        return send(new Command.AgentHello(
                Actor.agent(node), report(node, "boot", "a1", devices), List.of(workers), incarnation(), 0, 0));
    }

    long incarnation() {
        return state().settings().incarnation();
    }

    Outcome say(WorkerState worker, ReportedWorker said) {
        NodeState node = Objects.requireNonNull(state().nodes().find(worker.nodeId()));
        return send(new Command.ReportWorker(Actor.agent(node.name()), node.name(), said));
    }

    /** Every worker of the job's first gang runs. */
    void startAll(JobState job) {
        for (WorkerState worker : List.copyOf(job.gangs().getFirst().workers())) {
            say(worker, ReportedWorker.running(worker.key()));
        }
    }

    void end(WorkerState worker, EndCause cause, int exitCode) {
        say(worker, ReportedWorker.ended(worker.key(), cause, exitCode));
    }

    // ---- jobs

    Outcome submit(String name, JobSpec spec) {
        return send(new Command.SubmitJob(USER, requestId(++requests), "llm", name, spec));
    }

    JobState run(String name, JobSpec spec) {
        assertThat(submit(name, spec)).isInstanceOf(Outcome.Accepted.class);
        return job(name);
    }

    JobState job(String name) {
        return Objects.requireNonNull(state().jobs().find("llm/" + name), name);
    }

    GangState gang(String name) {
        return job(name).gangs().getFirst();
    }

    WorkerState worker(String name, int index) {
        return gang(name).workers().get(index);
    }

    NodeState node(String name) {
        return Objects.requireNonNull(state().nodes().find(name), name);
    }

    void cancel(String name) {
        send(new Command.CancelJob(USER, "llm/" + name, 0));
    }

    Outcome scale(String name, JobSize size) {
        return send(new Command.ScaleJob(USER, requestId(++requests), "llm/" + name, 0, size));
    }

    void silent(String node) {
        send(new Command.NodeSilent(Actor.SCHEDULER, node));
    }

    static String requestId(int number) {
        return "00000000-0000-7000-8000-%012d".formatted(number);
    }

    // ---- what happened

    <T extends Event> List<T> events(Class<T> kind) {
        return ledger.stream()
                .map(Entry::event)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    List<Order> ordersFor(String node) {
        long id = node(node).id();
        return orders.stream()
                .filter(some -> some.nodeId() == id)
                .flatMap(some -> some.orders().stream())
                .toList();
    }

    static @Nullable ErrorCode code(Outcome outcome) {
        return outcome instanceof Outcome.Rejected(Rejection rejection) ? rejection.code() : null;
    }
}
