package dev.interposer.control.port;

import dev.interposer.engine.event.Entry;
import java.util.List;
import java.util.function.Consumer;

/** The append-only truth. All calls block and throw {@link LedgerException}. */
public interface Ledger {
    /** Durable on return. {@code NOT_LEADER} when the epoch leads no more, {@code UNKNOWN} when nobody knows. */
    void append(Page page);

    /** Pages from the one that holds {@code fromRevision}, oldest first, at most so many; empty at the end. */
    List<Page> read(long fromRevision, int mostPages);

    /** Writes what {@link dev.interposer.engine.state.Snapshot} gives for a state at that revision. */
    void writeSnapshot(long revision, long atMicros, Iterable<Entry> entries);

    /** Hands over the entries of the newest good snapshot; returns its revision, or 0 when there is none. */
    long readSnapshot(Consumer<Entry> sink);
}
