package dev.interposer.server.loop;

import dev.interposer.control.agents.NodeOrders;
import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.core.ControlSettings;
import dev.interposer.control.core.Controller;
import dev.interposer.control.core.Pipeline;
import dev.interposer.control.core.PipelineBounds;
import dev.interposer.control.core.RefusedCommands;
import dev.interposer.control.core.SealedPage;
import dev.interposer.control.core.SlicePolicy;
import dev.interposer.control.core.TermClock;
import dev.interposer.control.core.Ticket;
import dev.interposer.control.port.LedgerException;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.state.Settings;
import dev.interposer.engine.state.State;
import dev.interposer.server.background.LowPriority;
import dev.interposer.server.config.ServerConfig;
import dev.interposer.server.dra.CelExpressions;
import dev.interposer.server.view.LiveView;
import dev.interposer.server.view.WaitingReasons;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one writer. Follows the ledger while another server leads; leads when it holds the lease.
 *
 * <p>All state is touched by this thread alone; what comes from others comes through the inbox.
 */
@ApplicationScoped
public class SchedulerLoop {
    private static final long FOLLOW_MILLIS = 50;
    private static final int INBOX = 262_144;

    /** Beyond it only agents are heard, who tell of what is. */
    private static final int INBOX_OF_USERS = 196_608;

    private static final int MOST_UNPUBLISHED = 4;
    private static final long STOP_MILLIS = 3_000;

    private final ServerConfig config;
    private final LedgerAccess access;
    private final CelExpressions expressions = new CelExpressions();
    private final LiveView view;
    private final SnapshotWriter snapshots;
    private final Timer appendTimer;
    private final Timer decideTimer;
    private final List<DurableListener> listeners = new ArrayList<>();
    private final LinkedBlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>(INBOX);
    private final ConcurrentLinkedQueue<LedgerWriter.Result> appends = new ConcurrentLinkedQueue<>();
    private final RefusedCommands refused = new RefusedCommands();
    private final DurableHead head;
    private final ControlSettings bounds;
    private final String holder = UUID.randomUUID().toString();

    private final Questions questions = new Questions();
    private final AtomicInteger unpublished = new AtomicInteger();
    private final Publisher publisher = new Publisher(this::unpublishable);

    /** Of this term: what was not answered in one that failed counts in no other. */
    private volatile HeldBytes heldBytes = new HeldBytes(0);

    private volatile long epoch;
    private volatile @Nullable String failure;
    private volatile boolean stopping;
    private volatile boolean caughtUp;
    private volatile boolean viewBroken;
    private LedgerAccess.@Nullable Opened opened;
    private @Nullable LeaseHolder lease;
    private @Nullable Thread thread;
    private @Nullable Pipeline pipeline;
    private @Nullable LedgerWriter writer;
    private long preparedVersion = -1;
    private ReasonSampler reasons = new ReasonSampler();
    private TermClock clock = new TermClock(0, 0, 0);

    public SchedulerLoop(
            ServerConfig config, LedgerAccess access, LiveView view, SnapshotWriter snapshots, MeterRegistry meters) {
        this.config = config;
        this.access = access;
        this.view = view;
        this.snapshots = snapshots;
        this.head = new DurableHead(view);
        this.bounds = HeapBounds.of(Runtime.getRuntime().maxMemory())
                .with(new SlicePolicy(
                        config.slices().attributes(),
                        config.slices().failedNodes(),
                        config.slices().window().toNanos() / 1000,
                        config.slices().mostPercent()));
        this.appendTimer = Timer.builder("interposer.ledger.append")
                .description("Time of one append to the ledger")
                .publishPercentileHistogram()
                .register(meters);
        this.decideTimer = Timer.builder("interposer.page.form")
                .description("Time to handle the commands of one page and to decide")
                .publishPercentileHistogram()
                .register(meters);
    }

    /** By which classes recognise devices; for any thread. */
    public CelExpressions expressions() {
        return expressions;
    }

    /** Before {@link #start}. */
    public void listen(DurableListener listener) {
        listeners.add(listener);
    }

    /** Opens the ledger, blocking, and begins. */
    public void start() {
        LedgerAccess.Opened database = access.open();
        opened = database;
        // An unreadable ledger must be led by somebody who can read it.
        LeaseHolder holding =
                new LeaseHolder(database.lease(), holder, config.lease(), () -> failure == null || epoch != 0);
        lease = holding;
        publisher.start();
        access.patiently(() -> reload(database));
        thread = Thread.ofPlatform().name("scheduler-loop").start(this::run);
        holding.start();
    }

    /** Gives up leadership and ends. */
    public void stop() throws InterruptedException {
        stopping = true;
        if (thread != null) {
            thread.interrupt();
            thread.join(STOP_MILLIS);
        }
        LeaseHolder holding = lease;
        if (holding != null) {
            holding.close();
            // A database that does not answer must not keep a server from ending: the lease then runs out.
            Thread releasing = Thread.ofVirtual().name("lease-release").start(holding::release);
            releasing.join(STOP_MILLIS);
        }
        publisher.drain();
        publisher.close();
        access.close();
    }

    /** Epoch in which this server leads; 0 if it does not. */
    public long epoch() {
        return epoch;
    }

    /** Whether everything that was in the ledger at the start has been read. */
    public boolean caughtUp() {
        return caughtUp;
    }

    /** Why this server can't go on; null if it can. */
    public @Nullable String failure() {
        return failure;
    }

    public int queued() {
        return inbox.size();
    }

    /** The outcome of a small command; comes when it is durable. */
    public CompletableFuture<Outcome> submit(Command command) {
        return submit(command, 0);
    }

    /** As {@link #submit(Command, long, Consumer)}. */
    public CompletableFuture<Outcome> submit(Command command, long bytes) {
        CompletableFuture<Outcome> future = new CompletableFuture<>();
        submit(command, bytes, future::complete);
        return future;
    }

    /**
     * The outcome comes when it is durable, on the loop or at once.
     *
     * @param bytes that the command alone holds of the heap; 0 for a small one and for one that shares what it holds
     */
    public void submit(Command command, long bytes, Consumer<Outcome> reply) {
        HeldBytes held = heldBytes;
        Ticket ticket = new Ticket(command, outcome -> {
            held.giveBack(bytes);
            publisher.publish(() -> answer(reply, outcome));
        });
        if (epoch != 0 && command instanceof Command.ApplyObjects apply) {
            // Here only its caller waits for it.
            expressions.prepare(apply.classes());
        }
        if (epoch == 0) {
            reply.accept(rejected(ErrorCode.UNAVAILABLE, "this server does not lead; ask another, or again"));
        } else if (!held.take(bytes, command.fromAgent())) {
            reply.accept(rejected(ErrorCode.RESOURCE_EXHAUSTED, "commands that wait are too large; try again later"));
        } else if ((!command.fromAgent() && inbox.size() >= INBOX_OF_USERS) || !inbox.offer(() -> offer(ticket))) {
            held.giveBack(bytes);
            reply.accept(rejected(ErrorCode.RESOURCE_EXHAUSTED, "too many commands wait; try again later"));
        }
    }

    /** Asks the head; the answer comes when all that it rests on is durable. */
    public <T> CompletableFuture<T> ask(Function<Controller, T> question) {
        CompletableFuture<T> reply = new CompletableFuture<>();
        boolean taken = epoch != 0
                && inbox.offer(() -> {
                    Pipeline leading = pipeline;
                    if (leading == null) {
                        reply.completeExceptionally(new IllegalStateException("this server does not lead"));
                        return;
                    }
                    try {
                        T answer = question.apply(leading.controller());
                        long revision = leading.controller().state().revision();
                        questions.add(revision, () -> reply.complete(answer));
                        questions.answer(leading.durableRevision());
                    } catch (RuntimeException e) {
                        // A question changes nothing, so that it fails alone.
                        reply.completeExceptionally(e);
                    }
                });
        if (!taken) {
            reply.completeExceptionally(new IllegalStateException("this server does not lead"));
        }
        return reply;
    }

    private void offer(Ticket ticket) {
        if (pipeline == null) {
            ticket.reply().accept(rejected(ErrorCode.UNAVAILABLE, "this server leads no more; ask another, or again"));
        } else {
            pipeline.offer(ticket);
        }
    }

    private void run() {
        while (!stopping) {
            try {
                turn();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            } catch (LedgerException e) {
                stepDown(e.getMessage() == null ? "the ledger failed" : e.getMessage());
                recover(e);
            } catch (RuntimeException e) {
                Log.error("a programming error ended this term; the head is read again", e);
                stepDown("an internal error");
                recover(new LedgerException(LedgerException.Kind.UNKNOWN, "internal error", e));
            }
        }
        stepDown("the server is stopping");
    }

    private void turn() throws InterruptedException {
        for (LedgerWriter.Result result = appends.poll(); result != null; result = appends.poll()) {
            appended(result);
        }
        long leads = leaseEpoch();
        if (pipeline == null) {
            if (leads == 0) {
                follow();
                runInbox(FOLLOW_MILLIS);
            } else {
                lead(leads);
            }
            return;
        }
        if (leads != epoch) {
            stepDown("the lease was lost");
            return;
        }
        Pipeline leading = pipeline;
        long begun = System.nanoTime();
        long now = clock.micros(begun);
        boolean published = unpublished.get() < MOST_UNPUBLISHED;
        SealedPage sealed = published ? leading.step(now) : null;
        if (sealed != null && writer != null) {
            decideTimer.record(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
            writer.write(sealed.page());
        }
        leading.takeFailures()
                .forEach(one -> Log.errorf(
                        one.cause(),
                        "a programming error: a %s was refused",
                        one.command().getClass().getSimpleName()));
        deliverIdle(leading.takeIdleWelcomes());
        sampleReasons(leading);
        boolean room = leading.pagesInFlight() < PipelineBounds.DEFAULT.uncommittedPages();
        boolean more = sealed != null
                && room
                && (leading.queued() > 0 || leading.controller().hasWork());
        long untilTimer = (leading.nextTimerMicros() - now) / 1000;
        runInbox(more ? 0 : Math.clamp(untilTimer, 1, 100));
    }

    /** Waits for the first message at most so long, then takes what is there. */
    private void runInbox(long waitMillis) throws InterruptedException {
        Runnable message = waitMillis == 0 ? inbox.poll() : inbox.poll(waitMillis, TimeUnit.MILLISECONDS);
        for (int taken = 0; message != null && taken < 8192; taken++) {
            message.run();
            message = inbox.poll();
        }
        if (message != null) {
            message.run();
        }
    }

    private void follow() {
        head.follow(require().ledger());
        caughtUp = true;
        prepareExpressions();
    }

    /** Whoever takes over finds them compiled. */
    private void prepareExpressions() {
        Settings settings = head.state().settings();
        if (settings.objectsVersion() != preparedVersion) {
            preparedVersion = settings.objectsVersion();
            List<AcceleratorClass> classes = List.copyOf(settings.classes());
            if (!expressions.isPrepared(classes)) {
                LowPriority.daemon("expressions", () -> expressions.prepare(classes))
                        .start();
            }
        }
    }

    private void lead(long leads) {
        follow();
        State state = head.state();
        if (state.settings().featureLevel() > Controller.FEATURE_LEVEL) {
            throw new LedgerException(
                    LedgerException.Kind.UNREADABLE,
                    "the ledger has feature level " + state.settings().featureLevel() + " and this version "
                            + Controller.FEATURE_LEVEL);
        }
        Controller controller = new Controller(state, head.scheduler(), bounds, access.digests(), expressions);
        clock = new TermClock(System.currentTimeMillis() * 1000, state.atMicros(), System.nanoTime());
        LeaseHolder holding = lease;
        boolean listensFirst = holding != null
                && holding.vacantMillis() >= config.lease().listenAfter().toMillis();
        Pipeline.Start start = new Pipeline.Start(leads, listensFirst);
        Pipeline leading = new Pipeline(controller, start, PipelineBounds.DEFAULT, refused);
        // First of all, before anything is placed.
        head.restored().command(state).ifPresent(leading::offer);
        pipeline = leading;
        writer = new LedgerWriter(require().ledger(), appendTimer, this::tell);
        heldBytes = new HeldBytes(HeapBounds.commandBytes(Runtime.getRuntime().maxMemory()));
        epoch = leads;
        failure = null;
        Log.infof("leading in epoch %d from revision %d", leads, state.revision());
        long incarnation = state.settings().incarnation();
        publisher.publish(() -> listeners.forEach(listener -> listener.leading(leads, incarnation)));
    }

    /** On the writer's thread. A full inbox needs no waking; nothing that is lost there holds the pipeline up. */
    private void tell(LedgerWriter.Result result) {
        appends.add(result);
        boolean woken = inbox.offer(() -> {});
        if (!woken) {
            Log.debug("the inbox is full; the loop is busy with it");
        }
    }

    private void appended(LedgerWriter.Result result) {
        Pipeline leading = pipeline;
        if (leading == null || result.writer() != writer) {
            return;
        }
        if (result.failure() != null) {
            throw result.failure();
        }
        SealedPage sealed = leading.durable();
        unpublished.incrementAndGet();
        publisher.publish(() -> release(sealed));
        questions.answer(leading.durableRevision());
    }

    /** On the publisher: first the view, so that whoever is answered reads what the answer says. */
    private void release(SealedPage sealed) {
        view.apply(sealed.page());
        sealed.answer();
        deliver(sealed.welcomes());
        deliver(sealed.orders());
        snapshots.consider(require().ledger(), view, config);
        unpublished.decrementAndGet();
        // Wakes the loop, which may wait for this.
        if (inbox.isEmpty() && !inbox.offer(() -> {})) {
            Log.debug("the loop is awake");
        }
    }

    /** A caller that is gone must not keep the others from their answers. */
    private static void answer(Consumer<Outcome> reply, Outcome outcome) {
        try {
            reply.accept(outcome);
        } catch (RuntimeException e) {
            Log.warnf("an answer did not reach its caller: %s", e.getMessage());
        }
    }

    /** On the publisher: the view is no longer to be trusted, nor is this term. */
    private void unpublishable(RuntimeException cause) {
        viewBroken = true;
        Runnable end = () -> {
            throw cause;
        };
        if (!inbox.offer(end)) {
            Log.error("the loop takes nothing any more");
        }
    }

    private void deliverIdle(List<NodeOrders> welcomes) {
        if (!welcomes.isEmpty()) {
            publisher.publish(() -> deliver(welcomes));
        }
    }

    private void sampleReasons(Pipeline leading) {
        if (reasons.due(System.nanoTime())) {
            WaitingReasons seen = reasons.look(leading.controller());
            questions.add(leading.controller().state().revision(), () -> view.waiting(seen));
            questions.answer(leading.durableRevision());
        }
    }

    private void deliver(List<NodeOrders> orders) {
        if (!orders.isEmpty()) {
            listeners.forEach(listener -> listener.orders(orders));
        }
    }

    private void stepDown(String why) {
        if (pipeline == null) {
            return;
        }
        Log.warnf("leading no more: %s", why);
        epoch = 0;
        if (writer != null) {
            writer.stop();
        }
        pipeline.fail(why);
        pipeline = null;
        writer = null;
        questions.clear();
        reasons = new ReasonSampler();
        view.waiting(WaitingReasons.UNKNOWN);
        LeaseHolder holding = lease;
        if (holding != null) {
            holding.abandon();
        }
        publisher.publish(() -> listeners.forEach(DurableListener::following));
        publisher.drain();
        unpublished.set(0);
        head.discard();
    }

    /** Reads everything again; what can't be read keeps this server from leading. */
    private void recover(LedgerException cause) {
        head.restored().heard(cause);
        failure = cause.kind() == LedgerException.Kind.NOT_LEADER ? null : cause.getMessage();
        while (!stopping) {
            try {
                TimeUnit.MILLISECONDS.sleep(200);
                access.revive();
                reload(require());
                failure = null;
                return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (LedgerException e) {
                head.restored().heard(e);
                failure = e.getMessage();
                Log.warnf("the ledger can't be read: %s; trying again", e.getMessage());
                sleepQuietly();
            } catch (RuntimeException e) {
                // The loop must outlive it: a server that says why it does not lead is worth more than a dead thread.
                failure = "the ledger does not fold: " + e.getMessage();
                Log.error("a programming error, or a damaged ledger; trying again", e);
                sleepQuietly();
            }
        }
    }

    private static void sleepQuietly() {
        try {
            TimeUnit.SECONDS.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void reload(LedgerAccess.Opened database) {
        if (viewBroken) {
            view.restart(new State());
            viewBroken = false;
        }
        head.reload(database.ledger());
        caughtUp = true;
    }

    private LedgerAccess.Opened require() {
        LedgerAccess.Opened database = opened;
        if (database == null) {
            throw new IllegalStateException("the loop was not started");
        }
        return database;
    }

    private long leaseEpoch() {
        LeaseHolder holding = lease;
        return holding == null ? 0 : holding.epoch();
    }

    private static Outcome rejected(ErrorCode code, String message) {
        return new Outcome.Rejected(Rejection.of(code, message));
    }
}
