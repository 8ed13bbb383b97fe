package dev.interposer.control.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.control.watch.WatchLog.Batch;
import dev.interposer.control.watch.WatchLog.OutOfRangeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Cursors over the latest changes. */
class WatchLogTest {
    private final WatchLog<String> log = new WatchLog<>(4, 10);

    @Test
    void aWatcherSeesEachChangeOnceAndInOrder() throws OutOfRangeException {
        log.append(11, "a");
        log.append(13, "b");
        Batch<String> first = log.read(10, 1, change -> true);
        Batch<String> second = log.read(first.cursor(), 10, change -> true);

        assertThat(first.changes()).containsExactly("a");
        assertThat(second.changes()).containsExactly("b");
        assertThat(log.read(second.cursor(), 10, change -> true).changes()).isEmpty();
    }

    @Test
    void aCursorBelowTheOldestChangeIsOutOfRange() throws OutOfRangeException {
        for (int revision = 11; revision <= 16; revision++) {
            log.append(revision, "r" + revision);
        }

        assertThatThrownBy(() -> log.read(11, 10, change -> true)).isInstanceOf(OutOfRangeException.class);
        assertThat(log.read(12, 10, change -> true).changes()).containsExactly("r13", "r14", "r15", "r16");
    }

    @Test
    void aCursorFromBeforeTheStartIsOutOfRange() {
        assertThatThrownBy(() -> log.read(9, 10, change -> true)).isInstanceOf(OutOfRangeException.class);
    }

    @Test
    void theCursorMovesOverChangesThatTheFilterLeavesOut() throws OutOfRangeException {
        log.append(11, "a");
        log.append(12, "b");
        log.advance(20);

        Batch<String> batch = log.read(10, 10, change -> false);

        assertThat(batch.changes()).isEmpty();
        assertThat(batch.cursor()).isEqualTo(20);
    }

    @Test
    void whateverTheBatchesAreNothingIsLostOrSeenTwice() throws OutOfRangeException {
        Random random = new Random(3);
        WatchLog<Long> large = new WatchLog<>(5000, 0);
        List<Long> seen = new ArrayList<>();
        List<Long> written = new ArrayList<>();
        long cursor = 0;
        long revision = 0;
        for (int turn = 0; turn < 2000; turn++) {
            revision += 1 + random.nextInt(3);
            large.append(revision, revision);
            if (revision % 3 != 0) {
                written.add(revision);
            }
            if (random.nextInt(4) == 0) {
                Batch<Long> batch = large.read(cursor, 1 + random.nextInt(3), change -> change % 3 != 0);
                seen.addAll(batch.changes());
                cursor = batch.cursor();
            }
        }
        seen.addAll(large.read(cursor, 5000, change -> change % 3 != 0).changes());

        assertThat(seen).isEqualTo(written);
    }
}
