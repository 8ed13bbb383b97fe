package dev.interposer.server.loop;

import dev.interposer.control.core.Footprints;
import dev.interposer.control.port.Ledger;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.state.State;
import io.quarkus.logging.Log;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Folds the newest snapshot twice at once: one thread decodes, and two others fold what it hands over, one for the head
 * and one for the view.
 *
 * <p>One after the other, the second as a copy of the first, took the longest part of a restart while the other cores
 * had nothing to do. The states share the values of the entries, as they do later those of the pages.
 */
final class SnapshotFold {
    private static final int BATCH = 1000;

    /** Batches that may wait for one folder; what is ahead of both is held by the heap once. */
    private static final int AHEAD = 16;

    private final List<Folder> folders = List.of(new Folder("fold-head"), new Folder("fold-view"));
    private List<Entry> batch = new ArrayList<>(BATCH);
    private long entries;

    private SnapshotFold() {}

    /** Two equal states that share nothing that changes. */
    record Folded(State head, State view) {
        static Folded nothing() {
            return new Folded(new State(), new State());
        }
    }

    /** Throws what the ledger throws, and what the fold of a damaged snapshot throws. */
    static Folded of(Ledger ledger) {
        return new SnapshotFold().run(ledger);
    }

    private Folded run(Ledger ledger) {
        long begun = System.nanoTime();
        Footprints.countIn(folders.getFirst().state);
        folders.forEach(folder -> folder.thread.start());
        long revision;
        long decoded;
        try {
            revision = ledger.readSnapshot(this::add);
            hand(batch);
            decoded = System.nanoTime();
        } finally {
            folders.forEach(Folder::end);
        }
        for (Folder folder : folders) {
            if (folder.failure != null) {
                throw new IllegalStateException("a snapshot does not fold", folder.failure);
            }
        }
        Log.infof(
                "snapshot at revision %d: %d entries read in %d ms, folded after %d ms",
                revision,
                entries,
                TimeUnit.NANOSECONDS.toMillis(decoded - begun),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
        return new Folded(folders.getFirst().state, folders.getLast().state);
    }

    private void add(Entry entry) {
        entries++;
        batch.add(entry);
        if (batch.size() == BATCH) {
            hand(batch);
            batch = new ArrayList<>(BATCH);
        }
    }

    private void hand(List<Entry> full) {
        if (!full.isEmpty()) {
            folders.forEach(folder -> folder.put(full));
        }
    }

    /** A thread with its state; an empty batch is the end. */
    private static final class Folder {
        private final State state = new State();
        private final ArrayBlockingQueue<List<Entry>> batches = new ArrayBlockingQueue<>(AHEAD);
        private final Thread thread;
        private volatile @Nullable Throwable failure;

        Folder(String name) {
            thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
        }

        private void run() {
            try {
                for (List<Entry> next = batches.take(); !next.isEmpty(); next = batches.take()) {
                    if (failure == null) {
                        fold(next);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** What fails is told at the end; until then whoever hands over must not be held up. */
        private void fold(List<Entry> next) {
            try {
                next.forEach(state::apply);
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }

        void put(List<Entry> next) {
            throughInterrupts(() -> batches.put(next));
        }

        void end() {
            put(List.of());
            throughInterrupts(thread::join);
        }
    }

    private interface Waiting {
        void run() throws InterruptedException;
    }

    /** The server may be told to end meanwhile; a folder takes all that comes, so that this is never long. */
    private static void throughInterrupts(Waiting waiting) {
        boolean interrupted = false;
        while (true) {
            try {
                waiting.run();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
