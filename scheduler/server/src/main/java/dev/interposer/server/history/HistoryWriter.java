package dev.interposer.server.history;

import dev.interposer.ledger.history.EndedJob;
import dev.interposer.ledger.jdbc.JdbcHistory;
import dev.interposer.server.background.LowPriority;
import dev.interposer.server.loop.LedgerAccess;
import dev.interposer.server.loop.SchedulerLoop;
import dev.interposer.server.view.LiveView;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Writes jobs that ended into the history, while this server leads: every two seconds those of the view that ended
 * since the watermark, which stay there for much longer. After a crash or a takeover it begins at the watermark again;
 * a job that is there already is not written twice. What left the state while the history could not be written is found
 * by {@code fsck}, which can make all of it anew.
 */
@ApplicationScoped
public class HistoryWriter {
    private static final long EVERY_MILLIS = 2000;

    private final SchedulerLoop loop;
    private final LedgerAccess access;
    private final LiveView view;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(LowPriority.threads("history"));
    private long epoch;
    private long watermark;
    private boolean failed;

    public HistoryWriter(SchedulerLoop loop, LedgerAccess access, LiveView view) {
        this.loop = loop;
        this.access = access;
        this.view = view;
    }

    void start(@Observes StartupEvent event) {
        var future = timer.scheduleWithFixedDelay(this::write, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
        if (future.isCancelled()) {
            throw new IllegalStateException("the history is not written");
        }
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }

    private void write() {
        long leading = loop.epoch();
        long revision = view.revision();
        if (leading == 0 || (leading == epoch && revision == watermark)) {
            return;
        }
        try {
            write(leading, revision);
            failed = false;
        } catch (RuntimeException e) {
            // Whatever it is: what throws here is never called again.
            if (!failed) {
                Log.warnf(e, "the history of ended jobs can't be written; trying again and again");
            }
            failed = true;
            // What became of it is asked for again.
            epoch = 0;
        }
    }

    private void write(long leading, long revision) {
        JdbcHistory history = new JdbcHistory(access.database());
        if (leading != epoch) {
            watermark = history.watermark();
            epoch = leading;
        }
        List<EndedJob> ended = new ArrayList<>();
        view.eachJob(job -> {
            if (job.ended() && job.revision() > watermark && job.revision() <= revision) {
                ended.add(EndedJob.of(job));
            }
        });
        history.add(ended, revision);
        watermark = revision;
    }
}
