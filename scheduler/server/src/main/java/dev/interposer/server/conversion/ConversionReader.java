package dev.interposer.server.conversion;

import dev.interposer.engine.model.Device;
import dev.interposer.ledger.jdbc.JdbcThroughput;
import dev.interposer.ledger.jdbc.StoredThroughput;
import dev.interposer.market.ConversionTable;
import dev.interposer.market.ThroughputSample;
import dev.interposer.proto.fleet.v1.Conversion;
import dev.interposer.server.config.ServerConfig;
import dev.interposer.server.loop.LedgerAccess;
import dev.interposer.server.view.LiveView;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;

/** The conversion table, from what was written down. */
@Singleton
public final class ConversionReader {
    /** In the whole table. */
    static final int MOST_ROWS = 20_000;

    private final LedgerAccess access;
    private final LiveView view;
    private final ServerConfig config;

    public ConversionReader(LedgerAccess access, LiveView view, ServerConfig config) {
        this.access = access;
        this.view = view;
        this.config = config;
    }

    /**
     * Of one family, or of all for an empty name. Throws {@link dev.interposer.control.port.LedgerException} while the
     * database is away.
     */
    public Conversion read(String family, String referenceClass) {
        List<ThroughputSample> samples = new JdbcThroughput(access.database())
                .list(family, MOST_ROWS).stream().map(ConversionReader::sample).toList();
        Duration leastTime = config.throughput().leastTime();
        if (samples.isEmpty()) {
            return Conversion.newBuilder()
                    .setAdvice(ConversionViews.nothing(family, family.isEmpty() ? 0 : jobs(family), leastTime))
                    .build();
        }
        ConversionViews views = new ConversionViews(installed(), referenceClass, leastTime);
        Conversion.Builder conversion = Conversion.newBuilder();
        ConversionTable.of(samples, referenceClass).forEach(of -> conversion.addFamilies(views.family(of)));
        return conversion.build();
    }

    static ThroughputSample sample(StoredThroughput row) {
        return new ThroughputSample(
                row.jobId(),
                row.gang(),
                row.attempt(),
                new ThroughputSample.Cell(row.family(), row.unit(), row.className()),
                row.chips(),
                row.sums().chipMillis(),
                row.sums().done(),
                row.sums().spans(),
                row.sums().suspiciousSpans(),
                row.measuredAtMicros());
    }

    private NavigableSet<String> installed() {
        NavigableSet<String> classes = new TreeSet<>();
        view.eachNode(node -> {
            for (Device device : node.devices()) {
                if (!device.className().isEmpty()) {
                    classes.add(device.className());
                }
            }
        });
        return classes;
    }

    private int jobs(String family) {
        AtomicInteger jobs = new AtomicInteger();
        view.eachJob(job -> {
            if (!job.ended() && job.spec().workloadFamily().equals(family)) {
                jobs.incrementAndGet();
            }
        });
        return jobs.get();
    }
}
