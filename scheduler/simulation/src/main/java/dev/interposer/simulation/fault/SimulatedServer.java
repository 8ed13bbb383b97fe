package dev.interposer.simulation.fault;

import dev.interposer.control.agents.NodeOrders;
import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.core.ControlSettings;
import dev.interposer.control.core.Controller;
import dev.interposer.control.core.Pipeline;
import dev.interposer.control.core.PipelineBounds;
import dev.interposer.control.core.SealedPage;
import dev.interposer.control.core.TermClock;
import dev.interposer.control.core.Ticket;
import dev.interposer.control.lease.LeaseKeeper;
import dev.interposer.control.port.LedgerException;
import dev.interposer.control.port.Page;
import dev.interposer.control.watch.WatchLog;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.ledger.codec.Digests;
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
    private static final int WATCHED = 4096;

    private final String name;
    private final VirtualTime time;
    private final MemoryLedger ledger;
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
    private WatchLog<Entry> changes = new WatchLog<>(WATCHED, 0);

    SimulatedServer(String name, VirtualTime time, MemoryLedger ledger, Digests digests, Bug bug) {
        this.name = name;
        this.time = time;
        this.ledger = ledger;
        this.digests = digests;
        this.bug = bug;
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
        changes = new WatchLog<>(WATCHED, ledger.lastRevision());
    }

    /** Somebody sets its wall clock. */
    void setClock(long offsetMillis) {
        wallOffsetMillis = offsetMillis;
    }

    /** What its watchers are shown; null while it does not answer. */
    @Nullable
    WatchLog<Entry> changes() {
        return paused() ? null : changes;
    }

    void submit(Command command, Consumer<Outcome> reply) {
        if (paused()) {
            // It lies in the socket until the process goes on.
            time.after(pausedUntilMillis - time.nowMillis(), () -> submit(command, reply));
            return;
        }
        Pipeline leading = pipeline;
        if (leading == null) {
            reply.accept(new Outcome.Rejected(Rejection.of(ErrorCode.UNAVAILABLE, name + " does not lead")));
        } else if (bug == Bug.ACKNOWLEDGES_BEFORE_COMMIT && command instanceof Command.SubmitJob) {
            leading.offer(new Ticket(command, outcome -> {}));
            reply.accept(new Outcome.Accepted(0, 0, false));
        } else {
            leading.offer(new Ticket(command, reply));
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
        ledger.read(changes.newest() + 1, Integer.MAX_VALUE).forEach(this::show);
    }

    private void show(Page page) {
        for (Entry entry : page.entries()) {
            if (entry.revision() > changes.newest()) {
                changes.append(entry.revision(), entry);
            }
        }
    }

    private void lead(long leads) {
        State state = new State();
        for (Page page : ledger.read(1, Integer.MAX_VALUE)) {
            page.entries().forEach(state::apply);
        }
        Controller controller = new Controller(state, Scheduler.following(state), ControlSettings.DEFAULT, digests);
        pipeline = new Pipeline(controller, leads, PipelineBounds.DEFAULT);
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
            if (bug == Bug.SHOWS_BEFORE_COMMIT) {
                show(sealed.page());
            }
            write();
        }
        deliver(leading.takeIdleWelcomes());
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
