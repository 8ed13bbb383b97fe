package dev.interposer.simulation.fault;

import com.google.protobuf.InvalidProtocolBufferException;
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
import dev.interposer.control.core.TermClock;
import dev.interposer.control.core.Ticket;
import dev.interposer.control.lease.LeaseKeeper;
import dev.interposer.control.port.LedgerException;
import dev.interposer.control.port.Page;
import dev.interposer.control.watch.WatchLog;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.State;
import dev.interposer.ledger.codec.Digests;
import dev.interposer.ledger.codec.PageCodec;
import dev.interposer.proto.ledger.v1.SnapshotEntry;
import dev.interposer.proto.ledger.v1.StoredChunk;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A server around the production pipeline: what the Quarkus shell does with threads and sockets is done here by virtual
 * time.
 */
final class SimulatedServer {
    private static final long LEASE_MILLIS = 3_000;
    private static final long LOST_MILLIS = 4_000;
    private static final long LISTEN_AFTER_MILLIS = 10_000;
    private static final int WATCHED = 8192;
    private static final int SNAPSHOT_PERCENT = 5;

    private final String name;
    private final VirtualTime time;
    private final MemoryLedger ledger;
    private final Promises promises;
    private final PageCodec codec;
    private final Digests digests;
    private final Bug bug;
    private final LeaseKeeper lease;
    private final Map<Long, SimulatedLink> linkOfNode = new HashMap<>();
    private final Map<String, Long> heardMillis = new HashMap<>();
    private final ArrayDeque<Page> unwritten = new ArrayDeque<>();
    private @Nullable Pipeline pipeline;
    private boolean writing;
    private long term;
    private long epoch;
    private long pausedUntilMillis;
    private long pauseAtAppendMillis;
    private long wallOffsetMillis;
    private TermClock clock = new TermClock(0, 0, 0);
    private WatchLog<SnapshotEntry> changes = new WatchLog<>(WATCHED, 0);
    private State shown = new State();
    private int shownCount;

    SimulatedServer(String name, World world, PageCodec codec, Digests digests) {
        this.name = name;
        this.time = world.time();
        this.ledger = world.ledger();
        this.promises = world.promises();
        this.codec = codec;
        this.digests = digests;
        this.bug = world.bug();
        this.lease = new LeaseKeeper(ledger, name, LEASE_MILLIS, LEASE_MILLIS / 3);
        turn();
    }

    boolean leads() {
        return pipeline != null && !paused();
    }

    /** Stops in the middle of everything for so long, as a process does under SIGSTOP. */
    void pause(long millis) {
        pausedUntilMillis = time.nowMillis() + millis;
    }

    /** The same, just before its next append leaves: the worst moment. */
    void pauseAtNextAppend(long millis) {
        pauseAtAppendMillis = millis;
    }

    /** Dies and comes back at once with nothing but the ledger. */
    void crash() {
        stepDown("killed");
        shown = load(time.chance(80));
        changes = new WatchLog<>(WATCHED, shown.revision());
    }

    /** Somebody sets its wall clock. */
    void setClock(long offsetMillis) {
        wallOffsetMillis = offsetMillis;
    }

    /** What its watchers are shown; null while it does not answer. */
    @Nullable
    WatchLog<SnapshotEntry> changes() {
        return paused() ? null : changes;
    }

    void submit(Command command, Consumer<Outcome> asker) {
        if (paused()) {
            // It lies in the socket until the process goes on.
            time.after(pausedUntilMillis - time.nowMillis(), () -> submit(command, asker));
            return;
        }
        Answer answer = new Answer(asker);
        Pipeline leading = pipeline;
        if (leading == null) {
            answer.accept(new Outcome.Rejected(Rejection.of(ErrorCode.UNAVAILABLE, name + " does not lead")));
        } else {
            leading.offer(new Ticket(command, answer));
        }
    }

    /** The way of an answer out of the process: once, and under the eyes of the checker. */
    private final class Answer implements Consumer<Outcome> {
        private final Consumer<Outcome> asker;
        private boolean given;

        private Answer(Consumer<Outcome> asker) {
            this.asker = asker;
        }

        @Override
        public void accept(Outcome outcome) {
            if (!given) {
                given = true;
                promises.left(outcome);
                asker.accept(outcome);
            }
        }
    }

    void join(SimulatedLink link, long nodeId) {
        linkOfNode.put(nodeId, link);
    }

    void heard(String node) {
        heardMillis.put(node, time.nowMillis());
    }

    long epoch() {
        return epoch;
    }

    /** Of the ledger, as far as it is durable. */
    long durableRevision() {
        return pipeline == null ? 0 : pipeline.durableRevision();
    }

    /** Of the head: a new one is told of only after its page, with which it becomes durable. */
    long incarnation() {
        return pipeline == null ? 0 : pipeline.controller().state().settings().incarnation();
    }

    /** Whether it leads and waits for an operator's word. */
    boolean halted() {
        Pipeline leading = pipeline;
        return leading != null
                && !leading.controller().state().settings().placementHalted().isEmpty();
    }

    private boolean paused() {
        return time.nowMillis() < pausedUntilMillis;
    }

    private void turn() {
        if (!paused()) {
            long leads = lease.step(time.nowMillis());
            if (pipeline == null) {
                follow();
            }
            if (pipeline == null && leads != 0) {
                lead(leads);
            } else if (pipeline != null && leads != epoch) {
                stepDown("the lease was lost");
            } else if (pipeline != null) {
                silence();
                step();
            }
        }
        time.after(20 + time.random(20), this::turn);
    }

    private void follow() {
        ledger.read(shown.revision() + 1, Integer.MAX_VALUE).forEach(this::show);
    }

    private void show(Page page) {
        for (Entry entry : page.entries()) {
            if (entry.revision() > shown.revision()) {
                shown.apply(entry);
                show(entry);
            }
        }
    }

    private void show(Entry entry) {
        if (entry.revision() <= changes.newest()) {
            return;
        }
        shownCount++;
        if (bug == Bug.SKIPS_CHANGES && shownCount % 50 == 0) {
            changes.advance(entry.revision());
        } else if (bug != Bug.STALLS_WATCHERS || shownCount <= 60) {
            changes.append(entry.revision(), plain(entry));
        }
    }

    /** As a client would get it, in a form that the checks can read without our help. */
    private SnapshotEntry plain(Entry entry) {
        try {
            return StoredChunk.parseFrom(codec.encodeChunk(List.of(entry))).getEntries(0);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("an entry can't be shown: " + e.getMessage(), e);
        }
    }

    /** The durable state, from the newest snapshot and what came after it, or from the pages alone. */
    private State load(boolean fromSnapshot) {
        State state = new State();
        if (fromSnapshot) {
            ledger.readSnapshot(state::apply);
        }
        for (Page page : ledger.read(state.revision() + 1, Integer.MAX_VALUE)) {
            page.entries().stream()
                    .filter(entry -> entry.revision() > state.revision())
                    .forEach(state::apply);
        }
        return state;
    }

    private void lead(long leads) {
        boolean fromSnapshot = time.chance(80);
        State state = load(fromSnapshot);
        if (fromSnapshot && time.chance(30) && !digests.of(state).equals(digests.of(load(false)))) {
            throw new IllegalStateException("a snapshot and its tail fold to another state than all pages do");
        }
        Controller controller = new Controller(state, Scheduler.following(state), ControlSettings.DEFAULT, digests);
        pipeline = new Pipeline(
                controller,
                new Pipeline.Start(leads, lease.vacantMillis() >= LISTEN_AFTER_MILLIS),
                PipelineBounds.DEFAULT,
                new RefusedCommands());
        epoch = leads;
        long wallMicros = (time.nowMillis() + wallOffsetMillis) * 1000;
        clock = new TermClock(wallMicros, state.atMicros(), nanos());
        term++;
        heardMillis.clear();
        state.nodes().all().forEach(node -> heard(node.name()));
    }

    private void stepDown(String why) {
        Pipeline old = pipeline;
        pipeline = null;
        epoch = 0;
        term++;
        writing = false;
        unwritten.clear();
        lease.abandon();
        if (old != null) {
            old.fail(why);
        }
        List.copyOf(linkOfNode.values()).forEach(SimulatedLink::cut);
        linkOfNode.clear();
    }

    private void silence() {
        Pipeline leading = pipeline;
        if (leading == null) {
            return;
        }
        List<NodeState> silent = new ArrayList<>();
        for (NodeState node : leading.controller().state().nodes().all()) {
            long heard = heardMillis.getOrDefault(node.name(), time.nowMillis());
            if (node.phase() == NodePhase.READY && time.nowMillis() - heard > LOST_MILLIS) {
                silent.add(node);
            }
        }
        for (NodeState node : silent) {
            SimulatedLink link = linkOfNode.remove(node.id());
            if (link != null) {
                link.cut();
            }
            submit(new Command.NodeSilent(Actor.SCHEDULER, node.name()), outcome -> {});
        }
    }

    private void step() {
        Pipeline leading = pipeline;
        if (leading == null) {
            return;
        }
        SealedPage sealed = leading.step(clock.micros(nanos()));
        if (sealed != null) {
            unwritten.add(sealed.page());
            hurry(sealed);
            write();
        }
        deliver(leading.takeIdleWelcomes());
    }

    /** Plants bugs: what must wait for the ledger leaves at once. */
    private void hurry(SealedPage sealed) {
        if (bug == Bug.SHOWS_BEFORE_COMMIT) {
            sealed.page().entries().forEach(this::show);
        }
        for (SealedPage.Reply reply : sealed.replies()) {
            boolean cancel = reply.ticket().command() instanceof Command.CancelJob;
            if (bug == Bug.ACKNOWLEDGES_BEFORE_COMMIT || (bug == Bug.ACKNOWLEDGES_CANCELS_BEFORE_COMMIT && cancel)) {
                reply.ticket().reply().accept(reply.outcome());
            }
        }
    }

    private long nanos() {
        return time.nowMillis() * 1_000_000;
    }

    /** One append under way; it takes its time, and its answer may never come. */
    private void write() {
        if (writing || unwritten.isEmpty()) {
            return;
        }
        writing = true;
        long ofTerm = term;
        Page page = unwritten.removeFirst();
        if (pauseAtAppendMillis > 0) {
            pause(pauseAtAppendMillis);
            pauseAtAppendMillis = 0;
        }
        time.after(1 + time.random(10), () -> send(page, ofTerm));
    }

    private void send(Page page, long ofTerm) {
        if (paused()) {
            // Stopped just before the statement left: it leaves when the process goes on, whoever leads by then.
            time.after(pausedUntilMillis - time.nowMillis(), () -> send(page, ofTerm));
            return;
        }
        if (ofTerm != term) {
            // The process that sent it is gone; the statement may arrive all the same.
            if (time.chance(50)) {
                append(page);
            }
            return;
        }
        boolean written = append(page);
        boolean answered = !time.chance(1);
        time.after(1 + time.random(5), () -> answered(ofTerm, written && answered));
    }

    /** Off what is durable, as the real one does. */
    private void snapshot() {
        if (time.chance(SNAPSHOT_PERCENT)) {
            List<Entry> entries = new ArrayList<>(Snapshot.of(shown));
            if (bug == Bug.SNAPSHOTS_WITHOUT_STARTS) {
                entries.removeIf(entry -> entry.event() instanceof JobEvent.WorkerStarted);
            }
            ledger.writeSnapshot(shown.revision(), shown.atMicros(), entries);
        }
    }

    private boolean append(Page page) {
        try {
            ledger.append(page);
            return true;
        } catch (LedgerException e) {
            return false;
        }
    }

    private void answered(long ofTerm, boolean written) {
        if (paused()) {
            time.after(pausedUntilMillis - time.nowMillis(), () -> answered(ofTerm, written));
            return;
        }
        Pipeline leading = pipeline;
        if (ofTerm != term || leading == null) {
            return;
        }
        writing = false;
        if (!written) {
            stepDown("the append was not answered");
            return;
        }
        SealedPage sealed = leading.committed();
        show(sealed.page());
        snapshot();
        deliver(sealed.welcomes());
        deliver(sealed.orders());
        write();
    }

    private void deliver(List<NodeOrders> orders) {
        for (NodeOrders ofNode : orders) {
            SimulatedLink link = linkOfNode.get(ofNode.nodeId());
            if (link != null) {
                link.orders(epoch, ofNode);
            }
        }
    }
}
