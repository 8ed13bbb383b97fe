package dev.interposer.control.port;

import dev.interposer.engine.event.Entry;
import java.util.List;

/**
 * What one commit adds to the ledger.
 *
 * @param firstRevision of its first entry
 * @param epoch of the leader that wrote it
 * @param atMicros time of all its entries
 * @param entries at least one, numbered without a gap
 */
public record Page(long firstRevision, long epoch, long atMicros, List<Entry> entries) {
    public Page {
        entries = List.copyOf(entries);
        if (entries.isEmpty() || entries.getFirst().revision() != firstRevision) {
            throw new IllegalArgumentException("a page starts at its first entry; first revision " + firstRevision);
        }
    }

    public long lastRevision() {
        return entries.getLast().revision();
    }
}
