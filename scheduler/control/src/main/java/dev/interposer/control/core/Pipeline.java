package dev.interposer.control.core;

import dev.interposer.control.agents.Desired;
import dev.interposer.control.agents.NodeOrders;
import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From commands to pages, and from durable pages to answers: the durable gate.
 *
 * <p>The naive way, one transaction a command, makes every submitter wait for every other's fsync. So the head runs
 * ahead: while one
 * page is written the next one forms, and each answer waits for its own page. The price is that a failed or unknown
 * write makes the
 * head worthless, with everything that was built on it: {@link #fail} then answers all who wait that the outcome is
 * unknown, and the
 * owner builds a new pipeline from the ledger. No answer, order or read ever leaves before its page is durable, so
 * nobody has seen what
 * is thrown away.
 *
 * <p>Holds no thread and no clock; not safe for use by several threads. The simulator runs this class, and so does the
 * server.
 */
public final class Pipeline {
    private final Controller controller;
    private final long epoch;
    private final PipelineBounds bounds;
    private final RefusedCommands refused;
    private final ArrayDeque<Ticket> queue = new ArrayDeque<>();
    private final ArrayDeque<SealedPage> inFlight = new ArrayDeque<>();
    private final List<SealedPage.Reply> forming = new ArrayList<>();
    private final List<NodeOrders> idleWelcomes = new ArrayList<>();
    private final List<CommandFailure> failures = new ArrayList<>();
    private long durableRevision;
    private boolean failed;

    /**
     * @param controller over the state folded from the ledger, all of it durable
     * @param epoch in which we lead
     */
    public Pipeline(Controller controller, long epoch, PipelineBounds bounds) {
        this(controller, epoch, bounds, new RefusedCommands());
    }

    /** The same with the memory of what ended pipelines before this one. */
    public Pipeline(Controller controller, long epoch, PipelineBounds bounds, RefusedCommands refused) {
        this(controller, new Start(epoch, false), bounds, refused);
    }

    /**
     * How a term begins.
     *
     * @param epoch in which we lead
     * @param listensFirst whether every node that should be there is heard before anything is placed
     */
    public record Start(long epoch, boolean listensFirst) {}

    public Pipeline(Controller controller, Start start, PipelineBounds bounds, RefusedCommands refused) {
        controller.lead(start.epoch(), start.listensFirst());
        this.controller = controller;
        this.epoch = start.epoch();
        this.bounds = bounds;
        this.refused = refused;
        this.durableRevision = controller.state().revision();
    }

    /** Takes a command, or answers at once that there is no room. */
    public void offer(Ticket ticket) {
        Rejection known = refused.find(ticket.command());
        if (known != null) {
            ticket.reply().accept(new Outcome.Rejected(known));
        } else if (failed) {
            ticket.reply().accept(rejected(ErrorCode.UNAVAILABLE, "this server has lost the ledger; ask again"));
        } else if (queue.size() >= mostQueued(ticket)) {
            ticket.reply()
                    .accept(rejected(
                            ErrorCode.RESOURCE_EXHAUSTED,
                            mostQueued(ticket) + " commands are queued already; try again later"));
        } else {
            queue.addLast(ticket);
        }
    }

    /** Agents tell of what is; they are refused later than those who ask for more. */
    private int mostQueued(Ticket ticket) {
        return ticket.command().fromAgent() ? bounds.queuedCommands() * 4 : bounds.queuedCommands();
    }

    /**
     * Forms the next page if there is something to write and room for it; else returns null.
     *
     * @throws IllegalStateException when a command failed half-way and took the head with it; then {@link #fail}
     */
    public @Nullable SealedPage step(long nowMicros) {
        if (failed || inFlight.size() >= bounds.uncommittedPages() || !due(nowMicros)) {
            return null;
        }
        controller.begin(nowMicros);
        List<String> greeted = new ArrayList<>();
        while (!queue.isEmpty() && forming.size() < bounds.commandsPerPage() && controller.weight() < bounds.weight()) {
            Ticket ticket = queue.removeFirst();
            Outcome outcome = handle(ticket);
            forming.add(new SealedPage.Reply(ticket, outcome));
            if (ticket.command() instanceof Command.AgentHello hello && outcome instanceof Outcome.Accepted) {
                greeted.add(hello.report().info().name());
            }
        }
        controller.fireTimers(bounds.weight());
        controller.decide(bounds.weight());
        SealedPage sealed = seal(List.copyOf(forming), greeted);
        forming.clear();
        return sealed;
    }

    /**
     * An exception, or a command that needs more than a page, refuses that one command. While it has changed nothing
     * that is all; else the head goes with it, and it is not let near the next one.
     */
    private Outcome handle(Ticket ticket) {
        long changes = controller.changes();
        long weight = controller.weight();
        try {
            Outcome outcome = controller.handle(ticket.command());
            if (controller.weight() - weight <= bounds.weight()) {
                return outcome;
            }
        } catch (RuntimeException e) {
            Rejection internal = Rejection.of(
                    ErrorCode.INTERNAL, "an internal error; nothing was changed, and the server's log has the cause");
            if (controller.changes() == changes) {
                failures.add(new CommandFailure(ticket.command(), e));
                return new Outcome.Rejected(internal);
            }
            refuseForGood(ticket, internal);
            throw new IllegalStateException("a " + nameOf(ticket) + " failed after it had changed the head", e);
        }
        long bytes = controller.weight() - weight;
        Rejection tooLarge = Rejection.of(
                ErrorCode.INVALID, nameOf(ticket), bytes + " bytes", "needs more than " + bounds.weight() + " bytes");
        refuseForGood(ticket, tooLarge);
        throw new IllegalStateException("a " + nameOf(ticket) + " needs " + bytes + " bytes and was refused");
    }

    private void refuseForGood(Ticket ticket, Rejection rejection) {
        refused.add(ticket.command(), rejection);
        ticket.reply().accept(new Outcome.Rejected(rejection));
    }

    private static String nameOf(Ticket ticket) {
        return ticket.command().getClass().getSimpleName();
    }

    /** Commands that were refused for a programming error since the last call. */
    public List<CommandFailure> takeFailures() {
        List<CommandFailure> taken = List.copyOf(failures);
        failures.clear();
        return taken;
    }

    /** The oldest page in flight is durable: what it carries may leave, and its answers do. */
    public SealedPage committed() {
        SealedPage page = durable();
        page.answer();
        return page;
    }

    /** The same, with the answers left to the caller. */
    public SealedPage durable() {
        SealedPage page = inFlight.removeFirst();
        durableRevision = Math.max(durableRevision, page.page().lastRevision());
        return page;
    }

    /**
     * A write failed or nobody knows: everything that waits learns that its outcome is unknown, and the head is done
     * for.
     */
    public void fail(String why) {
        failed = true;
        Outcome unknown = rejected(
                ErrorCode.UNAVAILABLE, "the outcome is unknown (" + why + "); ask again with the same request id");
        forming.forEach(reply -> reply.ticket().reply().accept(unknown));
        forming.clear();
        for (SealedPage page : inFlight) {
            page.replies().forEach(reply -> reply.ticket().reply().accept(unknown));
        }
        inFlight.clear();
        while (!queue.isEmpty()) {
            queue.removeFirst().reply().accept(unknown);
        }
    }

    public boolean failed() {
        return failed;
    }

    public long durableRevision() {
        return durableRevision;
    }

    public int queued() {
        return queue.size();
    }

    public int pagesInFlight() {
        return inFlight.size();
    }

    /** The head; ahead of what is durable. */
    public Controller controller() {
        return controller;
    }

    /** When {@link #step} may next have something to do without a new command; the greatest long for never. */
    public long nextTimerMicros() {
        return controller.nextTimerMicros();
    }

    private boolean due(long nowMicros) {
        return !queue.isEmpty() || controller.hasWork() || controller.nextTimerMicros() <= nowMicros;
    }

    private @Nullable SealedPage seal(List<SealedPage.Reply> replies, List<String> greeted) {
        State state = controller.state();
        List<NodeOrders> welcomes = new ArrayList<>();
        for (String name : greeted) {
            NodeState node = state.nodes().find(name);
            if (node != null) {
                welcomes.add(Desired.of(state, node));
            }
        }
        if (controller.entries().isEmpty()) {
            return withoutEvents(replies, welcomes);
        }
        List<Entry> entries = controller.entries();
        Page page = new Page(
                entries.getFirst().revision(), epoch, entries.getFirst().atMicros(), entries);
        SealedPage sealed = new SealedPage(page, replies, Desired.changes(state, entries), welcomes);
        inFlight.addLast(sealed);
        return sealed;
    }

    /**
     * Nothing to write: answers that rest on pages still in flight join the newest of them, the others leave at once.
     */
    private @Nullable SealedPage withoutEvents(List<SealedPage.Reply> replies, List<NodeOrders> welcomes) {
        if (inFlight.isEmpty()) {
            replies.forEach(reply -> reply.ticket().reply().accept(reply.outcome()));
            idleWelcomes.addAll(welcomes);
            return null;
        }
        SealedPage newest = inFlight.removeLast();
        List<SealedPage.Reply> allReplies = new ArrayList<>(newest.replies());
        allReplies.addAll(replies);
        List<NodeOrders> allWelcomes = new ArrayList<>(newest.welcomes());
        allWelcomes.addAll(welcomes);
        inFlight.addLast(new SealedPage(newest.page(), allReplies, newest.orders(), allWelcomes));
        return null;
    }

    /** Welcomes that needed no page; taken once. */
    public List<NodeOrders> takeIdleWelcomes() {
        List<NodeOrders> taken = List.copyOf(idleWelcomes);
        idleWelcomes.clear();
        return taken;
    }

    private static Outcome rejected(ErrorCode code, String message) {
        return new Outcome.Rejected(Rejection.of(code, message));
    }
}
