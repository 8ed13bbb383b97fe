package dev.interposer.server.loop;

import dev.interposer.control.core.Footprints;
import dev.interposer.control.port.Ledger;
import dev.interposer.control.port.LedgerException;
import dev.interposer.control.port.Page;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.State;
import dev.interposer.server.view.LiveView;
import io.quarkus.logging.Log;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The newest state, as the ledger has it while this server follows, with a scheduler beside it: a standby has both
 * ready when it takes over, and what a leader applies goes on from here. On the loop only.
 */
final class DurableHead {
    private final LiveView view;
    private final RestoredLedger restored;
    private State state = new State();
    private Scheduler scheduler = Scheduler.following(state);

    DurableHead(LiveView view) {
        this.view = view;
        this.restored = new RestoredLedger(view);
    }

    State state() {
        return state;
    }

    Scheduler scheduler() {
        return scheduler;
    }

    RestoredLedger restored() {
        return restored;
    }

    /** Nothing is known until it is read again. */
    void discard() {
        begin(new State());
    }

    private void begin(State fresh) {
        state = fresh;
        Footprints.countIn(fresh);
        scheduler = Scheduler.following(fresh);
    }

    /** Reads everything again: the newest snapshot, and the pages after it. */
    void reload(Ledger ledger) {
        FoldedLedger folded = snapshot(ledger);
        long begun = System.nanoTime();
        long ofSnapshot = folded.head().revision();
        if (folded.head().revision() > view.revision() || view.revision() == 0) {
            // The view begins anew as well, so that nobody need be told of each page on the way.
            folded.readOn(ledger);
        }
        begin(folded.head());
        restored.afterSnapshot(state, folded.view());
        follow(ledger);
        Log.infof(
                "%d events after the snapshot were read and folded, with a scheduler beside them, in %d ms",
                state.revision() - ofSnapshot, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
        restored.atEnd(state);
    }

    /** Reads the pages that came since. */
    void follow(Ledger ledger) {
        List<Page> pages = ledger.read(state.revision() + 1, FoldedLedger.READ_PAGES);
        while (!pages.isEmpty()) {
            for (Page page : pages) {
                page.entries().forEach(entry -> {
                    if (entry.revision() > state.revision()) {
                        state.apply(entry);
                    }
                });
                view.apply(page);
            }
            pages = ledger.read(state.revision() + 1, FoldedLedger.READ_PAGES);
        }
    }

    /** What the newest snapshot gives; nothing if it does not fold, since the pages hold everything. */
    private static FoldedLedger snapshot(Ledger ledger) {
        try {
            return FoldedLedger.snapshot(ledger);
        } catch (LedgerException e) {
            if (e.kind() != LedgerException.Kind.UNREADABLE) {
                throw e;
            }
            Log.error("the newest snapshot can't be read; all pages are folded instead", e);
        } catch (RuntimeException e) {
            Log.error("the newest snapshot does not fold; all pages are folded instead", e);
        }
        return FoldedLedger.nothing();
    }
}
