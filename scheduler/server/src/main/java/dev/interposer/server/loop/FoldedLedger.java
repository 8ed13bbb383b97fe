package dev.interposer.server.loop;

import dev.interposer.control.core.Footprints;
import dev.interposer.control.port.Ledger;
import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.state.State;
import io.quarkus.logging.Log;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a ledger gives to one who begins: two equal states that share nothing that changes, one for the head and one for
 * the view.
 */
record FoldedLedger(State head, State view) {
    static final int READ_PAGES = 500;

    static FoldedLedger nothing() {
        State head = new State();
        Footprints.countIn(head);
        return new FoldedLedger(head, new State());
    }

    /** The newest snapshot. Throws what the ledger throws, and what the fold of a damaged snapshot throws. */
    static FoldedLedger snapshot(Ledger ledger) {
        long begun = System.nanoTime();
        FoldedLedger folded = nothing();
        Counted counted = new Counted();
        long revision;
        long decoded;
        try (TwinFold fold = new TwinFold(folded.head, folded.view)) {
            revision = ledger.readSnapshot(entry -> {
                counted.entries++;
                fold.add(entry);
            });
            decoded = System.nanoTime();
            fold.finish("a snapshot");
        }
        Log.infof(
                "snapshot at revision %d: %d entries read in %d ms, folded after %d ms",
                revision, counted.entries, millis(begun, decoded), millis(begun, System.nanoTime()));
        return folded;
    }

    private static final class Counted {
        private long entries;
    }

    /**
     * Goes on with the pages, up to the last few: those are left to be followed one by one, so that whoever watched
     * just before need not list again.
     */
    void readOn(Ledger ledger) {
        long last = head.revision();
        try (TwinFold fold = new TwinFold(head, view)) {
            List<Page> pages = ledger.read(last + 1, READ_PAGES);
            while (pages.size() == READ_PAGES) {
                for (Page page : pages) {
                    for (Entry entry : page.entries()) {
                        if (entry.revision() > last) {
                            fold.add(entry);
                        }
                    }
                    last = Math.max(last, page.lastRevision());
                }
                pages = ledger.read(last + 1, READ_PAGES);
            }
            fold.finish("a page");
        }
    }

    private static long millis(long fromNanos, long toNanos) {
        return TimeUnit.NANOSECONDS.toMillis(toNanos - fromNanos);
    }
}
