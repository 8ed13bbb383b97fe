package dev.interposer.agent.runtime;

import dev.interposer.agent.runtime.ProcessEntry.Identity;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A worker from the moment in which it is to be started, or was found, until nothing of it is left.
 *
 * <p>Its devices are made ready off the agent's loop, which may take long, and meanwhile it may be asked to stop. Then
 * it does not begin at all: whoever asks need not know how far the start has come. Nor does anybody wait here for a
 * process to be made, since a disk that hangs may hold that up: an order is taken, and carried out by a thread of its
 * own until it is.
 */
final class LiveWorker {
    private static final Logger LOG = System.getLogger(LiveWorker.class.getName());
    private static final long FIRST_PAUSE_MILLIS = 10;
    private static final long MOST_PAUSE_MILLIS = 1_000;
    /** The group is there only once the first program has made it, so a first try may come too early. */
    private static final int TRIES_UNSAID = 4;

    private final WorkerAssignment assignment;
    private final Path home;
    private final ProcessTable table;
    private final Messenger messenger;
    private @Nullable ProcessHandle process;
    private @Nullable Identity identity;
    private @Nullable WorkerCgroup group;
    private @Nullable Order asked;
    private boolean starting;
    private boolean over;

    /** How the process is made. */
    interface Start {
        Process begin() throws IOException;
    }

    LiveWorker(WorkerAssignment assignment, Path home, ProcessTable table, Messenger messenger) {
        this.assignment = assignment;
        this.home = home;
        this.table = table;
        this.messenger = messenger;
    }

    WorkerAssignment assignment() {
        return assignment;
    }

    Path home() {
        return home;
    }

    /** What bounds it, once that is made or was found. */
    synchronized void in(@Nullable WorkerCgroup made) {
        group = made;
    }

    synchronized @Nullable WorkerCgroup group() {
        return group;
    }

    /** Null, and nothing was begun, if it was asked to end before. */
    @Nullable
    Process begin(Start start) throws IOException {
        synchronized (this) {
            if (asked != null) {
                return null;
            }
            starting = true;
        }
        Process begun = start.begin();
        ProcessEntry entry = table.of(begun.pid());
        // It has done nothing yet that it could save, and its shell might take a polite word for one to itself.
        found(begun.toHandle(), new Identity(begun.pid(), entry == null ? 0 : entry.startTicks()), Order.KILL);
        return begun;
    }

    /** It is there, and was begun by an earlier agent. */
    void adopted(ProcessHandle handle, ProcessEntry entry) {
        found(handle, entry.identity(), Order.TERMINATE);
    }

    private void found(ProcessHandle handle, Identity itself, Order least) {
        Order early;
        synchronized (this) {
            process = handle;
            identity = itself;
            early = asked;
        }
        if (early != null) {
            carryOut(early == Order.KILL ? early : least, handle);
        }
    }

    /** Whether anything may run, or have run. */
    synchronized boolean mayHaveBegun() {
        return starting || process != null;
    }

    /** Nothing is, or will be. */
    synchronized void over() {
        over = true;
    }

    /** Whether its process is there, or will be. */
    synchronized boolean lives() {
        if (over) {
            return false;
        }
        return process == null ? starting || asked == null : process.isAlive();
    }

    /** Whose session it is in, as far as that is known. */
    synchronized Remains.Session session() {
        return identity == null
                ? Remains.Session.UNKNOWN
                : new Remains.Session(identity.pid(), identity.startTicks(), true);
    }

    /** Takes an order, and returns at once. */
    void signal(Order order) {
        ProcessHandle to;
        synchronized (this) {
            if (asked != Order.KILL) {
                asked = order;
            }
            to = process;
        }
        if (to != null) {
            carryOut(order, to);
        }
    }

    /** No virtual thread: those share few of the system's, and what hangs while a process is made holds one. */
    private void carryOut(Order order, ProcessHandle to) {
        Thread.ofPlatform().daemon().name("signal-" + home.getFileName()).start(() -> repeat(order, to));
    }

    private void repeat(Order order, ProcessHandle to) {
        long pause = FIRST_PAUSE_MILLIS;
        try {
            for (int tries = 1; to.isAlive() && !overtaken(order); tries++) {
                String failure = once(order, to.pid());
                if (failure.isEmpty()) {
                    return;
                }
                if (tries == TRIES_UNSAID) {
                    LOG.log(
                            Level.WARNING,
                            "{0} of worker {1}, process {2}, goes on being tried: {3}",
                            order,
                            home.getFileName(),
                            Long.toString(to.pid()),
                            failure);
                }
                TimeUnit.MILLISECONDS.sleep(pause);
                pause = Math.min(2 * pause, MOST_PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean overtaken(Order order) {
        return order == Order.TERMINATE && asked == Order.KILL;
    }

    /** What kept it from being done; empty if nothing did. */
    private String once(Order order, long pid) throws InterruptedException {
        switch (order) {
            case TERMINATE -> {
                try {
                    messenger.bring(PoliteSignal.named(assignment.getCheckpointSignal()), pid);
                    return "";
                } catch (IOException e) {
                    return String.valueOf(e.getMessage());
                }
            }
            case KILL -> {
                killAll(pid);
                return "it is still there";
            }
        }
        throw new IllegalStateException("no order: " + order);
    }

    /** Needs neither a program nor a disk. */
    private void killAll(long pid) {
        WorkerCgroup bounds = group();
        if (bounds != null) {
            bounds.kill();
        }
        for (ProcessEntry entry : table.all()) {
            if (entry.pid() == pid || entry.session() == pid) {
                table.kill(entry);
            }
        }
    }
}
