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

class SnapshotFoldTest {
    private static final int MANY = 50_500;

    @Test
    void headAndViewAreTheSameAndEachItsOwn() {
        SnapshotFold.Folded folded = SnapshotFold.of(new Stored(entries()));

        assertThat(folded.head()).isNotSameAs(folded.view());
        assertThat(folded.head().revision()).isEqualTo(MANY);
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

        assertThatThrownBy(() -> SnapshotFold.of(new Stored(damaged)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("does not fold");
    }

    private static List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (int revision = 1; revision <= MANY; revision++) {
            entries.add(entry(revision, new SettingEvent.IdsTaken(revision * 3L)));
        }
        return entries;
    }

    private static Entry entry(long revision, Event event) {
        return new Entry(revision, revision, Actor.SCHEDULER, event);
    }

    /** A ledger of one snapshot. */
    private record Stored(List<Entry> entries) implements Ledger {
        @Override
        public void append(Page page) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Page> read(long fromRevision, int mostPages) {
            return List.of();
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
