package dev.interposer.ledger.check;

import dev.interposer.ledger.check.Finding.Kind;
import dev.interposer.ledger.history.EndedJob;
import dev.interposer.ledger.jdbc.JdbcHistory;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Holds the history against the jobs that end by the ledger, in the order of their ends. */
final class HistoryCheck {
    /** Of one kind; the rest is only counted. */
    private static final int MOST_FINDINGS = 20;

    private final List<Finding> findings;
    private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    private final long watermark;
    private final Iterator<EndedJob> rows;
    private @Nullable EndedJob next;

    HistoryCheck(JdbcHistory history, long throughRevision, List<Finding> findings) {
        this.findings = findings;
        this.watermark = history.watermark();
        this.rows = history.through(throughRevision);
        advance();
    }

    /** The next job that ended by the ledger. */
    void ended(EndedJob job) {
        unknownBefore(job.revision());
        EndedJob row = next;
        if (row == null || row.revision() > job.revision()) {
            // What ended after the watermark is on its way.
            if (job.revision() <= watermark) {
                add(Kind.HISTORY_MISSING, job, "job " + job.namespace() + "/" + job.name() + " ended");
            }
            return;
        }
        if (!row.equals(job)) {
            add(Kind.HISTORY_DIFFERS, job, "the history has " + row + ", the ledger gives " + job);
        }
        advance();
    }

    /** After the last one. */
    void end() {
        unknownBefore(Long.MAX_VALUE);
        counts.forEach((kind, count) -> {
            if (count > MOST_FINDINGS) {
                findings.add(new Finding(kind, 0, "and " + (count - MOST_FINDINGS) + " more"));
            }
        });
    }

    private void unknownBefore(long revision) {
        for (EndedJob row = next; row != null && row.revision() < revision; row = next) {
            add(Kind.HISTORY_UNKNOWN, row, "no job ended there by the ledger; the history has " + row);
            advance();
        }
    }

    private void advance() {
        next = rows.hasNext() ? rows.next() : null;
    }

    private void add(Kind kind, EndedJob job, String words) {
        if (counts.merge(kind, 1, Integer::sum) <= MOST_FINDINGS) {
            findings.add(new Finding(kind, job.revision(), words));
        }
    }
}
