package dev.interposer.server.conversion;

import dev.interposer.ledger.jdbc.JdbcThroughput;
import dev.interposer.ledger.jdbc.StoredThroughput;
import dev.interposer.server.background.LowPriority;
import dev.interposer.server.config.ServerConfig;
import dev.interposer.server.loop.LedgerAccess;
import dev.interposer.server.loop.SchedulerLoop;
import dev.interposer.server.view.LiveView;
import dev.interposer.server.view.ProgressReadings;
import dev.interposer.server.view.ThroughputMeter;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Writes down what attempts were measured to do, while this server leads: now and then what has changed, an attempt
 * that has ended for the last time. What a leader heard since it wrote last is lost with it.
 */
@ApplicationScoped
public class ThroughputRecorder {
    /** The rest has time until the next. */
    private static final int MOST_AT_ONCE = 20_000;

    private final SchedulerLoop loop;
    private final LedgerAccess access;
    private final LiveView view;
    private final ServerConfig config;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(LowPriority.threads("throughput"));
    private boolean failed;

    public ThroughputRecorder(SchedulerLoop loop, LedgerAccess access, LiveView view, ServerConfig config) {
        this.loop = loop;
        this.access = access;
        this.view = view;
        this.config = config;
    }

    void start(@Observes StartupEvent event) {
        long everyMillis = config.throughput().every().toMillis();
        if (everyMillis < 1) {
            throw new IllegalArgumentException("interposer.throughput.every ("
                    + config.throughput().every() + ") must be 1 ms or more. Maybe 60s?");
        }
        var future = timer.scheduleWithFixedDelay(this::record, everyMillis, everyMillis, TimeUnit.MILLISECONDS);
        if (future.isCancelled()) {
            throw new IllegalStateException("throughput is not written down");
        }
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }

    private void record() {
        long epoch = loop.epoch();
        if (epoch == 0) {
            return;
        }
        try {
            record(new JdbcThroughput(access.database()), view.progress(), epoch, config.throughput());
            failed = false;
        } catch (RuntimeException e) {
            // Whatever it is: what throws here is never called again.
            if (!failed) {
                Log.warnf(e, "measured throughput can't be written down; trying again and again");
            }
            failed = true;
        }
    }

    static void record(JdbcThroughput table, ProgressReadings progress, long epoch, ServerConfig.Throughput settings) {
        List<ThroughputMeter> measured = progress.takeMeasured(MOST_AT_ONCE);
        // One that is too short comes again with its next span.
        List<StoredThroughput> rows = measured.stream()
                .filter(meter -> meter.key().epoch() == epoch
                        && meter.spans() >= settings.leastSpans()
                        && meter.spanMillis() >= settings.leastTime().toMillis())
                .map(ThroughputRecorder::row)
                .toList();
        if (rows.isEmpty()) {
            return;
        }
        try {
            table.save(epoch, rows);
        } catch (RuntimeException e) {
            progress.giveBack(measured);
            throw e;
        }
        table.trim(settings.attempts(), ConversionReader.MOST_ROWS);
    }

    private static StoredThroughput row(ThroughputMeter meter) {
        ThroughputMeter.Key key = meter.key();
        return new StoredThroughput(
                key.jobId(),
                key.gang(),
                key.attempt(),
                key.family(),
                key.className(),
                key.unit(),
                meter.chips(),
                new StoredThroughput.Sums(
                        meter.chipMillis(),
                        meter.spanMillis(),
                        meter.done(),
                        meter.spans(),
                        meter.suspiciousSpans(),
                        meter.restarts()),
                0);
    }
}
