package dev.interposer.ledger.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.ledger.history.EndedJob;
import dev.interposer.ledger.jdbc.JdbcHistory.Query;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Jobs that ended, in PostgreSQL. */
class JdbcHistoryTest {
    private final JdbcHistory history = new JdbcHistory(TestDatabase.open(TestDatabase.create()));

    private static EndedJob job(long revision, String namespace, String name, String queue) {
        return new EndedJob(
                revision,
                7 * revision,
                namespace,
                name,
                queue,
                "ann",
                "SUCCEEDED",
                "NONE",
                "a1",
                1,
                10,
                20,
                100 * revision);
    }

    private List<Long> revisions(Query query, int most) {
        return history.list(query, most).stream().map(EndedJob::revision).toList();
    }

    @Test
    void isThereOnceHoweverOftenItIsWritten() {
        List<EndedJob> jobs = List.of(job(3, "x", "a", "q"), job(5, "x", "b", "q"));
        history.add(jobs, 6);
        history.add(jobs, 4);
        assertThat(history.list(Query.ALL, 10)).containsExactly(jobs.get(1), jobs.get(0));
        assertThat(history.watermark()).isEqualTo(6);
        history.empty();
        assertThat(history.list(Query.ALL, 10)).isEmpty();
        assertThat(history.watermark()).isZero();
    }

    @Test
    void isAskedForByNameQueueAndTimeInPages() {
        history.add(
                List.of(job(1, "x", "a", "q"), job(2, "y", "a", "q"), job(3, "x", "b", "r"), job(4, "x", "a", "r")), 4);
        assertThat(revisions(Query.ALL, 3)).containsExactly(4L, 3L, 2L);
        assertThat(revisions(new Query("", "", "", 0, 2), 3)).containsExactly(1L);
        assertThat(revisions(new Query("x", "a", "", 0, Long.MAX_VALUE), 9)).containsExactly(4L, 1L);
        assertThat(revisions(new Query("", "", "q", 0, Long.MAX_VALUE), 9)).containsExactly(2L, 1L);
        assertThat(revisions(new Query("x", "", "", 300, Long.MAX_VALUE), 9)).containsExactly(4L, 3L);
    }

    @Test
    void isReadWholeInTheOrderOfEnds() {
        List<EndedJob> jobs = new ArrayList<>();
        for (int number = 1; number <= 2500; number++) {
            jobs.add(job(2L * number, "x", "job-" + number, "q"));
        }
        history.add(jobs, 5000);
        List<EndedJob> read = new ArrayList<>();
        history.through(4000).forEachRemaining(read::add);
        assertThat(read).isEqualTo(jobs.subList(0, 2000));
    }
}
