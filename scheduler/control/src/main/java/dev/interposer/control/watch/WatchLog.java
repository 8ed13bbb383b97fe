package dev.interposer.control.watch;

import java.io.Serial;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The latest changes, in the order of their revisions, bounded. A watcher keeps a cursor: the revision up to which it
 * has seen
 * everything.
 *
 * <p>Safe for use by several threads.
 *
 * @param <T> a change
 */
public final class WatchLog<T> {
    private final Object[] changes;
    private final long[] revisions;
    private long count;
    private long oldestKnown;
    private long newest;

    /** A stretch of changes, and the cursor to go on with. */
    public record Batch<T>(List<T> changes, long cursor) {
        public Batch {
            changes = List.copyOf(changes);
        }
    }

    /** The cursor is below the oldest change that is kept: changes in between are lost to this watcher. */
    public static final class OutOfRangeException extends Exception {
        @Serial
        private static final long serialVersionUID = 1;

        public OutOfRangeException(long cursor, long oldest) {
            super("revision " + cursor + " is below the oldest kept one, " + oldest
                    + ". List again and watch from there.");
        }
    }

    /**
     * @param capacity changes kept
     * @param startRevision revision up to which nothing is known: a cursor below it is out of range
     */
    public WatchLog(int capacity, long startRevision) {
        this.changes = new Object[capacity];
        this.revisions = new long[capacity];
        this.oldestKnown = startRevision;
        this.newest = startRevision;
    }

    public synchronized void append(long revision, T change) {
        if (revision <= newest) {
            throw new IllegalStateException("revision " + revision + " is not above the newest, " + newest);
        }
        int slot = (int) (count % changes.length);
        if (count >= changes.length) {
            oldestKnown = revisions[slot];
        }
        changes[slot] = change;
        revisions[slot] = revision;
        count++;
        newest = revision;
    }

    /** Nothing more happened up to this revision; watchers that wait are told. */
    public synchronized void advance(long revision) {
        newest = Math.max(newest, revision);
        notifyAll();
    }

    public synchronized long newest() {
        return newest;
    }

    /** Waits until something may lie beyond the cursor, or the time has passed; a caller reads and looks again. */
    @SuppressWarnings("WaitNotInLoop")
    public synchronized void await(long cursor, long millis) throws InterruptedException {
        if (newest <= cursor) {
            wait(millis);
        }
    }

    /** Changes beyond the cursor that the filter admits, at most so many. */
    @SuppressWarnings("unchecked")
    public synchronized Batch<T> read(long cursor, int most, Predicate<T> filter) throws OutOfRangeException {
        if (cursor < oldestKnown) {
            throw new OutOfRangeException(cursor, oldestKnown);
        }
        List<T> found = new ArrayList<>();
        long reached = newest;
        for (long at = first(cursor); at < count; at++) {
            int slot = (int) (at % changes.length);
            T change = (T) changes[slot];
            if (filter.test(change)) {
                if (found.size() == most) {
                    return new Batch<>(found, reached);
                }
                found.add(change);
            }
            reached = revisions[slot];
        }
        return new Batch<>(found, Math.max(newest, cursor));
    }

    /** Place of the first kept change beyond the cursor, by halving. */
    private long first(long cursor) {
        long low = Math.max(0, count - changes.length);
        long high = count;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (revisions[(int) (middle % changes.length)] <= cursor) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
