package dev.interposer.agent.runtime;

import dev.interposer.agent.runtime.ProcessEntry.Identity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What is left of a worker, wherever it went.
 *
 * <p>Naive is to ask each process for its environment, which names the worker. One that was killed while it hangs in a
 * driver has none any more, and neither has one whose first thread is gone; both still hold the device. So whoever is
 * in the worker's session counts by the kernel's table alone. The environment is the last resort, for those that left
 * the session, and what it said once stays true until the process is gone. One that left and cleared its environment as
 * well is found by a cgroup alone.
 */
final class Remains {
    private static final long FIRST_PAUSE_MILLIS = 10;
    private static final long MOST_PAUSE_MILLIS = 1_000;

    /**
     * Where to look.
     *
     * @param leader number of the process that began the worker's session; 0 if that is not known
     * @param startTicks when that began; nothing of the worker is older; 0 if that is not known
     * @param seen whether the leader was seen alive, so that its number stood for nobody else since
     */
    record Session(long leader, long startTicks, boolean seen) {
        static final Session UNKNOWN = new Session(0, 0, false);
    }

    private final ProcessTable table;
    private final Environments environments;
    private final Path exitFile;
    private final Session session;
    /** Those once found, though they can't be asked any more. */
    private final Set<Identity> found = new HashSet<>();

    Remains(ProcessTable table, Environments environments, Path exitFile, Session session) {
        this.table = table;
        this.environments = environments;
        this.exitFile = exitFile;
        this.session = session;
    }

    /**
     * Kills all of them and returns when none is left. That may take for ever, when one hangs in a driver: then it
     * holds its device for just as long.
     *
     * @param everywhere whether to look for those that left the session, which none does unseen from a cgroup
     */
    void end(boolean everywhere) {
        long pause = FIRST_PAUSE_MILLIS;
        List<ProcessEntry> left = left(everywhere);
        while (!left.isEmpty()) {
            left.forEach(table::kill);
            try {
                TimeUnit.MILLISECONDS.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            pause = Math.min(2 * pause, MOST_PAUSE_MILLIS);
            left = left(everywhere);
        }
    }

    List<ProcessEntry> left(boolean everywhere) {
        List<ProcessEntry> all = table.all();
        boolean ours = isOurs(all);
        List<ProcessEntry> left = new ArrayList<>();
        for (ProcessEntry process : all) {
            if (!process.gone() && (found.contains(process.identity()) || belongs(process, ours, everywhere))) {
                found.add(process.identity());
                left.add(process);
            }
        }
        return left;
    }

    /** A session's number is given to no other process before the last of the session is gone. */
    private boolean isOurs(List<ProcessEntry> all) {
        return session.leader > 0
                && all.stream()
                        .noneMatch(process ->
                                process.pid() == session.leader && process.startTicks() != session.startTicks);
    }

    private boolean belongs(ProcessEntry process, boolean ours, boolean everywhere) {
        if (process.startTicks() < session.startTicks) {
            return false;
        }
        boolean within = ours && (process.session() == session.leader || process.pid() == session.leader);
        if (within && session.seen) {
            return true;
        }
        if (!within && !everywhere) {
            return false;
        }
        String named = environments.exitFile(process);
        // One of its session that is on its way out has nothing to show any more.
        return named == null ? within : named.equals(exitFile.toString());
    }
}
