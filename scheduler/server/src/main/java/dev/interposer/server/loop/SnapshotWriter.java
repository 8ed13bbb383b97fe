package dev.interposer.server.loop;

import dev.interposer.control.port.Ledger;
import dev.interposer.control.port.LedgerException;
import dev.interposer.engine.event.Entry;
import dev.interposer.server.background.LowPriority;
import dev.interposer.server.background.Pace;
import dev.interposer.server.config.ServerConfig;
import dev.interposer.server.view.LiveSnapshot;
import dev.interposer.server.view.LiveView;
import io.quarkus.logging.Log;
import jakarta.inject.Singleton;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Writes snapshots of the durable state now and then, off the writer's thread. One at a time; a failed one is tried
 * again later.
 */
@Singleton
public final class SnapshotWriter {
    private static final long LEAST_EVENTS = 1000;

    private static final int LARGE = 100_000;

    /** Under a high load large snapshots take a tenth of the time of one thread at most. */
    private static final long LEAST_PAUSES = 10;

    /** A quarter of a thread: the longer it takes, the more changes under it. */
    private static final int RESTS = 3;

    private final AtomicBoolean writing = new AtomicBoolean();
    private volatile long lastRevision;
    private volatile long lastNanos = System.nanoTime();
    private volatile long tookNanos;

    void consider(Ledger ledger, LiveView view, ServerConfig config) {
        // A restored backup goes back behind what was written before.
        lastRevision = Math.min(lastRevision, view.revision());
        long events = view.revision() - lastRevision;
        long nanos = System.nanoTime() - lastNanos;
        boolean due = events >= config.ledger().snapshotEvents()
                || (events >= LEAST_EVENTS
                        && nanos >= config.ledger().snapshotEvery().toNanos());
        if (due && nanos >= tookNanos * LEAST_PAUSES && writing.compareAndSet(false, true)) {
            lastNanos = System.nanoTime();
            LowPriority.daemon("snapshot", () -> write(ledger, view)).start();
        }
    }

    private void write(Ledger ledger, LiveView view) {
        try (LiveSnapshot snapshot = view.snapshot()) {
            Paced paced = new Paced(snapshot.iterator());
            ledger.writeSnapshot(snapshot.revision(), snapshot.atMicros(), () -> paced);
            lastRevision = snapshot.revision();
            long busy = paced.busyNanos();
            tookNanos = snapshot.handed() > LARGE ? busy : 0;
            Log.infof(
                    "snapshot at revision %d: %d entries, %d ms of work in %d ms",
                    snapshot.revision(),
                    snapshot.handed(),
                    TimeUnit.NANOSECONDS.toMillis(busy),
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - paced.begun));
        } catch (LedgerException e) {
            Log.warnf("a snapshot was not written: %s", e.getMessage());
        } finally {
            writing.set(false);
        }
    }

    private static final class Paced implements Iterator<Entry> {
        /** So many entries take much less than a piece of work. */
        private static final int GLANCE = 100;

        private final Iterator<Entry> entries;
        private final Pace pace = new Pace(RESTS);
        private final long begun = System.nanoTime();
        private int handed;

        Paced(Iterator<Entry> entries) {
            this.entries = entries;
        }

        @Override
        public boolean hasNext() {
            return entries.hasNext();
        }

        @Override
        public Entry next() {
            if (++handed % GLANCE == 0) {
                pace.breathe();
            }
            return entries.next();
        }

        long busyNanos() {
            return System.nanoTime() - begun - pace.restedNanos();
        }
    }
}
