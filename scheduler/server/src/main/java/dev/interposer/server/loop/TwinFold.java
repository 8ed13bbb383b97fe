package dev.interposer.server.loop;

import dev.interposer.engine.event.Entry;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Folds entries into two states at once, each on a thread of its own, while a third decodes what comes next.
 *
 * <p>One after the other, the second as a copy of the first, took the longest part of a restart while the other cores
 * had nothing to do. The states share the values of the entries. To be closed by whoever made it, also on failure.
 */
final class TwinFold implements AutoCloseable {
    private static final int BATCH = 1000;

    /** Batches that may wait for one folder; what is ahead of both is held by the heap once. */
    private static final int AHEAD = 16;

    private final List<Folder> folders;
    private List<Entry> batch = new ArrayList<>(BATCH);
    private boolean closed;

    TwinFold(State head, State view) {
        folders = List.of(new Folder("fold-head", head), new Folder("fold-view", view));
        folders.forEach(folder -> folder.thread.start());
    }

    void add(Entry entry) {
        batch.add(entry);
        if (batch.size() == BATCH) {
            hand();
        }
    }

    private void hand() {
        List<Entry> full = batch;
        batch = new ArrayList<>(BATCH);
        if (!full.isEmpty()) {
            folders.forEach(folder -> folder.put(full));
        }
    }

    /** Waits until both have folded all; throws what kept one from it. */
    void finish(String what) {
        hand();
        close();
        for (Folder folder : folders) {
            if (folder.failure != null) {
                throw new IllegalStateException(what + " does not fold", folder.failure);
            }
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            folders.forEach(Folder::end);
        }
    }

    /** A thread with its state; an empty batch is the end. */
    private static final class Folder {
        private final State state;
        private final ArrayBlockingQueue<List<Entry>> batches = new ArrayBlockingQueue<>(AHEAD);
        private final Thread thread;
        private volatile @Nullable Throwable failure;

        Folder(String name, State state) {
            this.state = state;
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
