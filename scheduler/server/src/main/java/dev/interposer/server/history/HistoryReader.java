package dev.interposer.server.history;

import dev.interposer.engine.model.JobPhase;
import dev.interposer.ledger.history.EndedJob;
import dev.interposer.ledger.jdbc.JdbcHistory;
import dev.interposer.ledger.jdbc.JdbcHistory.Query;
import dev.interposer.server.loop.LedgerAccess;
import dev.interposer.server.view.Names;
import jakarta.inject.Singleton;
import java.util.List;

/** Jobs that ended, as messages of job.v1. */
@Singleton
public final class HistoryReader {
    private final LedgerAccess access;

    public HistoryReader(LedgerAccess access) {
        this.access = access;
    }

    /** The last to end first. Throws {@link dev.interposer.control.port.LedgerException} while the database is away. */
    public List<dev.interposer.proto.job.v1.EndedJob> jobs(Query query, int most) {
        return new JdbcHistory(access.database())
                .list(query, most).stream().map(HistoryReader::message).toList();
    }

    private static dev.interposer.proto.job.v1.EndedJob message(EndedJob job) {
        return dev.interposer.proto.job.v1.EndedJob.newBuilder()
                .setId(job.id())
                .setNamespace(job.namespace())
                .setName(job.name())
                .setQueueName(job.queueName())
                .setUserName(job.userName())
                .setPhase(Names.camel(JobPhase.valueOf(job.phase())))
                .setReasonCode(job.reason())
                .setClassName(job.className())
                .setAttempts(job.attempts())
                .setSubmittedAtMicros(job.submittedAtMicros())
                .setStartedAtMicros(job.startedAtMicros())
                .setEndedAtMicros(job.endedAtMicros())
                .setRevision(job.revision())
                .build();
    }
}
