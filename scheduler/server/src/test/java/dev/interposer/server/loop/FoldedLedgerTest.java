package dev.interposer.server.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.control.port.Ledger;
import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.ledger.codec.Digests;
import dev.interposer.ledger.codec.EventCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class FoldedLedgerTest {
    private static final int MANY = 50_500;

    @Test
    void headAndViewAreTheSameAndEachItsOwn() {
        FoldedLedger folded = FoldedLedger.snapshot(new Stored(entries(), List.of()));

        assertThat(folded.head().revision()).isEqualTo(MANY);
        assertSame(folded);
    }

    @Test
    void pagesGoOnWhereTheSnapshotEndsAndTheLastAreLeftToBeFollowed() {
        List<Page> pages = new ArrayList<>();
        // What the snapshot holds already would not fold a second time.
        pages.add(page(entry(MANY, new JobEvent.JobForgotten(77)), taken(MANY + 1)));
        for (int revision = MANY + 2; revision < MANY + 1200; revision++) {
            pages.add(page(taken(revision)));
        }
        Ledger ledger = new Stored(entries(), pages);
        FoldedLedger folded = FoldedLedger.snapshot(ledger);

        folded.readOn(ledger);

        assertThat(folded.head().revision()).isEqualTo(MANY + 2L * FoldedLedger.READ_PAGES);
        assertSame(folded);
    }

    @Test
    @Timeout(20)
    void aPageThatDoesNotFoldIsToldOf() {
        List<Page> pages = new ArrayList<>();
        pages.add(page(entry(MANY + 1, new JobEvent.JobForgotten(77))));
        for (int revision = MANY + 2; revision <= MANY + 1200; revision++) {
            pages.add(page(taken(revision)));
        }
        Ledger ledger = new Stored(entries(), pages);
        FoldedLedger folded = FoldedLedger.snapshot(ledger);

        assertThatThrownBy(() -> folded.readOn(ledger))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a page does not fold");
    }

    private static void assertSame(FoldedLedger folded) {
        assertThat(folded.head()).isNotSameAs(folded.view());
        Digests digests = new Digests(new EventCodec());
        assertThat(digests.of(folded.view())).isEqualTo(digests.of(folded.head()));
        assertThat(folded.view().settings().nextId())
                .isEqualTo(folded.head().settings().nextId());
    }

    /** The damage comes early: what is handed over after it must neither wait for ever nor count. */
    @Test
    @Timeout(20)
    void aSnapshotThatDoesNotFoldIsToldOf() {
        List<Entry> damaged = entries();
        damaged.set(1500, entry(1501, new JobEvent.JobForgotten(77)));

        assertThatThrownBy(() -> FoldedLedger.snapshot(new Stored(damaged, List.of())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("does not fold");
    }

    private static List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (int revision = 1; revision <= MANY; revision++) {
            entries.add(taken(revision));
        }
        return entries;
    }

    private static Entry taken(long revision) {
        return entry(revision, new SettingEvent.IdsTaken(revision * 3));
    }

    private static Page page(Entry... entries) {
        return new Page(entries[0].revision(), 1, entries[0].atMicros(), List.of(entries));
    }

    private static Entry entry(long revision, Event event) {
        return new Entry(revision, revision, Actor.SCHEDULER, event);
    }

    /** A ledger of one snapshot, and of pages. */
    private record Stored(List<Entry> entries, List<Page> pages) implements Ledger {
        @Override
        public void append(Page page) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Page> read(long fromRevision, int mostPages) {
            return pages.stream()
                    .filter(page -> page.lastRevision() >= fromRevision)
                    .limit(mostPages)
                    .toList();
        }

        @Override
        public void writeSnapshot(long revision, long atMicros, Iterable<Entry> snapshot) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long readSnapshot(Consumer<Entry> sink) {
            entries.forEach(sink);
            return entries.size();
        }
    }
}
