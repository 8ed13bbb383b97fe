package dev.interposer.server.view;

import dev.interposer.engine.event.Entry;
import dev.interposer.engine.state.SnapshotWalk;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * A snapshot of the view at one revision. It is made as it is read, bit by bit, while the view goes on: made at once
 * under the view's lock, it let everybody who watches wait for half a second with 100,000 jobs.
 *
 * <p>To be read once, and closed also if it was not read to its end.
 */
public final class LiveSnapshot implements Iterable<Entry>, AutoCloseable {
    /** So few that nobody waits for a bit longer than about a millisecond. */
    private static final int BIT = 256;

    private final LiveView view;
    private final SnapshotWalk walk;
    private List<Entry> bit = new ArrayList<>();
    private int at;
    private int handed;
    private boolean more = true;

    LiveSnapshot(LiveView view, SnapshotWalk walk) {
        this.view = view;
        this.walk = walk;
    }

    public long revision() {
        return walk.revision();
    }

    /** Time of the last event that it holds, microseconds. */
    public long atMicros() {
        return walk.atMicros();
    }

    /** How many entries were read of it. */
    public int handed() {
        return handed;
    }

    /** All of it. */
    public List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        forEach(entries::add);
        return entries;
    }

    @Override
    public Iterator<Entry> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                while (at == bit.size() && more) {
                    bit = new ArrayList<>();
                    at = 0;
                    more = view.next(walk, BIT, bit::add);
                }
                return at < bit.size();
            }

            @Override
            public Entry next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                handed++;
                return bit.get(at++);
            }
        };
    }

    @Override
    public void close() {
        view.end(walk);
    }
}
