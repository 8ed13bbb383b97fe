package dev.interposer.ledger.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.ledger.jdbc.StoredThroughput.Sums;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What attempts were measured to do, in PostgreSQL. */
class JdbcThroughputTest {
    private final JdbcThroughput table = new JdbcThroughput(TestDatabase.open(TestDatabase.create()));

    private static StoredThroughput row(long job, String family, String unit, int times) {
        Sums sums = new Sums(times * 4000L, times * 1000L, times * 500L, times * 10, times, times * 2);
        return new StoredThroughput(job, 0, 1, family, "h100", unit, 4, sums, 0);
    }

    private List<Sums> sums(String family) {
        return table.list(family, 100).stream().map(StoredThroughput::sums).toList();
    }

    private List<Long> jobs() {
        return table.list("", 100).stream().map(StoredThroughput::jobId).toList();
    }

    @Test
    void whatALeaderMeasuresIsThereOnceHoweverOftenItIsWritten() {
        table.save(5, List.of(row(1, "sft", "tokens", 1)));
        table.save(5, List.of(row(1, "sft", "tokens", 2)));
        table.save(5, List.of(row(1, "sft", "tokens", 2)));

        assertThat(table.list("sft", 100)).hasSize(1);
        StoredThroughput found = table.list("sft", 100).getFirst();
        assertThat(found.measuredAtMicros()).isPositive();
        assertThat(found)
                .isEqualTo(new StoredThroughput(
                        1,
                        0,
                        1,
                        "sft",
                        "h100",
                        "tokens",
                        4,
                        row(1, "sft", "tokens", 2).sums(),
                        found.measuredAtMicros()));
    }

    @Test
    void anotherLeaderGoesOnFromWhatWasMeasuredBefore() {
        table.save(5, List.of(row(1, "sft", "tokens", 3)));
        table.save(6, List.of(row(1, "sft", "tokens", 1)));
        table.save(6, List.of(row(1, "sft", "tokens", 2)));
        assertThat(sums("sft")).containsExactly(row(1, "sft", "tokens", 5).sums());
        table.save(9, List.of(row(1, "sft", "tokens", 1)));
        assertThat(sums("sft")).containsExactly(row(1, "sft", "tokens", 6).sums());
    }

    @Test
    void aLeaderThatLeadsNoMoreChangesNothing() {
        table.save(6, List.of(row(1, "sft", "tokens", 2)));
        table.save(5, List.of(row(1, "sft", "tokens", 7), row(2, "sft", "tokens", 1)));
        assertThat(sums("sft"))
                .containsExactly(
                        row(1, "sft", "tokens", 2).sums(),
                        row(2, "sft", "tokens", 1).sums());
    }

    @Test
    void countersWithoutBoundStillAddUp() {
        Sums most = new Sums(StoredThroughput.MOST, StoredThroughput.MOST, StoredThroughput.MOST, 1, 0, 0);
        StoredThroughput row = new StoredThroughput(1, 0, 1, "sft", "h100", "tokens", 4, most, 0);
        for (long epoch = 1; epoch <= 12; epoch++) {
            table.save(epoch, List.of(row));
        }
        assertThat(sums("sft").getFirst().done()).isEqualTo(StoredThroughput.MOST);
        assertThat(sums("sft").getFirst().spans()).isEqualTo(12);
    }

    @Test
    void unitsOfOneAttemptAreTwoRowsAndFamiliesAreAskedForByName() {
        table.save(5, List.of(row(1, "sft", "tokens", 1), row(1, "sft", "samples", 1), row(2, "eval", "tokens", 1)));
        assertThat(table.list("sft", 100))
                .extracting(StoredThroughput::unit)
                .containsExactlyInAnyOrder("tokens", "samples");
        assertThat(table.list("", 2)).hasSize(2);
        assertThat(table.list("none", 100)).isEmpty();
    }

    @Test
    void theNewestOfEachCellStayAndSoManyOfAll() {
        for (int job = 1; job <= 5; job++) {
            table.save(5, List.of(row(job, "sft", "tokens", 1)));
        }
        table.save(5, List.of(row(6, "eval", "tokens", 1)));
        // The oldest job told again.
        table.save(5, List.of(row(1, "sft", "tokens", 2)));

        assertThat(table.trim(3, 100)).isEqualTo(2);
        assertThat(jobs()).containsExactly(1L, 4L, 5L, 6L);
        assertThat(table.trim(3, 2)).isEqualTo(2);
        assertThat(jobs()).containsExactly(1L, 6L);
        assertThat(table.trim(3, 2)).isZero();
    }

    @Test
    void moreRowsThanOneStatementTakesAreAllThere() {
        List<StoredThroughput> rows = new ArrayList<>();
        for (int job = 1; job <= 2500; job++) {
            rows.add(row(job, "sft", "tokens", 1));
        }
        table.save(5, rows);
        assertThat(table.list("sft", 10_000)).hasSize(2500);
    }
}
