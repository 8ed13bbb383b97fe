package dev.interposer.server.telemetry;

import dev.interposer.market.ClassSupply;
import dev.interposer.market.Concentration;
import dev.interposer.market.CoverageReport;
import dev.interposer.market.InferenceStatus;
import dev.interposer.market.PartyCoverage;
import dev.interposer.market.PolicyStatus;
import dev.interposer.market.QueueWork;
import dev.interposer.market.RuleStatus;
import dev.interposer.market.SupplyReport;
import dev.interposer.market.TierShares;
import dev.interposer.server.background.LowPriority;
import dev.interposer.server.view.Names;
import dev.interposer.server.view.SupplyReader;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Measures of supply as gauges, taken every 15 s, loss coverage first after 15 s and then every minute, by a thread of
 * their own; a scrape costs nothing. In a large fleet they are taken less often, so that they never take more than a
 * two-hundredth (coverage: a hundredth) of one core. Ratios are between 0 and 1; where suppliers are not known, {@code
 * bound} tells the two ends of the interval.
 *
 * <p>{@code interposer_supply_share_ratio{tier,supplier,measure,bound}}, {@code
 * interposer_supply_hhi{tier,measure,bound}} (0 to 10,000), {@code
 * interposer_supply_effective_suppliers{tier,measure,bound}}, {@code interposer_supply_scarcity{class}} (1 where demand
 * meets supply), {@code interposer_supply_foreign_devices{class,supplier}} (in use from outside of the fleet; the
 * designer), {@code interposer_supply_loss_coverage_ratio{tier,supplier,mode}}, {@code
 * interposer_supply_work_device_hours{work,phase}} (work Pinned or Portable, phase Running or Waiting; all queues
 * together), {@code interposer_sourcing_policy_met{policy}} (1 or 0), {@code
 * interposer_sourcing_rule_share_ratio{policy,rule,tier,supplier,enforcement}} (rule: its place in the policy, from 0),
 * of the same labels {@code interposer_sourcing_rule_pinned_ratio} and {@code
 * interposer_sourcing_rule_stranded_reference_devices}, {@code interposer_sourcing_missed{policy,rule,cause}} (1 for
 * the cause that holds; rule is Inference for what is asked of replicas), {@code
 * interposer_sourcing_blocked_jobs{policy}} (inference jobs).
 */
@ApplicationScoped
public class SupplyGauges {
    private static final Logger LOG = Logger.getLogger(SupplyGauges.class.getName());
    private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long COVERAGE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(60);
    /** Rest for each unit of work. */
    private static final int REST = 200;

    private static final int COVERAGE_REST = 100;
    private static final double WHOLE_MILLI_PERCENT = 100_000;
    private static final double MILLI = 1000;
    private static final double SECONDS_OF_HOUR = 3600;

    private final SupplyReader reader;
    private final MultiGauge shares;
    private final MultiGauge hhi;
    private final MultiGauge effective;
    private final MultiGauge scarcity;
    private final MultiGauge foreign;
    private final MultiGauge coverage;
    private final MultiGauge met;
    private final MultiGauge ruleShares;
    private final MultiGauge rulePinned;
    private final MultiGauge ruleStranded;
    private final MultiGauge missed;
    private final MultiGauge blocked;
    private final MultiGauge work;
    private volatile @Nullable Thread taker;

    public SupplyGauges(SupplyReader reader, MeterRegistry meters) {
        this.reader = reader;
        this.shares = MultiGauge.builder("interposer.supply.share.ratio").register(meters);
        this.hhi = MultiGauge.builder("interposer.supply.hhi").register(meters);
        this.effective =
                MultiGauge.builder("interposer.supply.effective.suppliers").register(meters);
        this.scarcity = MultiGauge.builder("interposer.supply.scarcity").register(meters);
        this.foreign = MultiGauge.builder("interposer.supply.foreign.devices").register(meters);
        this.coverage =
                MultiGauge.builder("interposer.supply.loss.coverage.ratio").register(meters);
        this.met = MultiGauge.builder("interposer.sourcing.policy.met").register(meters);
        this.ruleShares =
                MultiGauge.builder("interposer.sourcing.rule.share.ratio").register(meters);
        this.rulePinned =
                MultiGauge.builder("interposer.sourcing.rule.pinned.ratio").register(meters);
        this.ruleStranded = MultiGauge.builder("interposer.sourcing.rule.stranded.reference.devices")
                .register(meters);
        this.missed = MultiGauge.builder("interposer.sourcing.missed").register(meters);
        this.blocked = MultiGauge.builder("interposer.sourcing.blocked.jobs").register(meters);
        this.work = MultiGauge.builder("interposer.supply.work.device.hours").register(meters);
    }

    void start(@Observes StartupEvent event) {
        Thread thread = LowPriority.daemon("supply-gauges", this::takeForEver);
        taker = thread;
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) {
        Thread running = taker;
        if (running != null) {
            running.interrupt();
        }
    }

    private void takeForEver() {
        long coverageAt = System.nanoTime() + EVERY_NANOS;
        try {
            while (true) {
                long took = take(() -> show(reader.report(0)));
                if (System.nanoTime() - coverageAt >= 0) {
                    long reckoned = take(() -> show(reader.coverageInTheBackground()));
                    coverageAt = System.nanoTime() + Math.max(COVERAGE_EVERY_NANOS, COVERAGE_REST * reckoned);
                }
                TimeUnit.NANOSECONDS.sleep(Math.max(EVERY_NANOS, REST * took));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Nanoseconds of processor time that it took. */
    private static long take(Runnable measure) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long began = threads.getCurrentThreadCpuTime();
        try {
            measure.run();
        } catch (RuntimeException e) {
            // A measure that fails must not end the thread that takes the others.
            LOG.log(Level.WARNING, "measures of supply could not be taken", e);
        }
        return threads.getCurrentThreadCpuTime() - began;
    }

    void show(SupplyReport report) {
        List<Row<?>> shareRows = new ArrayList<>();
        List<Row<?>> hhiRows = new ArrayList<>();
        List<Row<?>> effectiveRows = new ArrayList<>();
        for (TierShares tier : report.tiers()) {
            Tags of = Tags.of("tier", Names.camel(tier.tier()), "measure", Names.camel(tier.measure()));
            for (TierShares.Share share : tier.suppliers()) {
                Tags whose = of.and("supplier", share.supplierName());
                shareRows.add(Row.of(whose.and("bound", "least"), share.leastMilliPercent() / WHOLE_MILLI_PERCENT));
                shareRows.add(Row.of(whose.and("bound", "most"), share.mostMilliPercent() / WHOLE_MILLI_PERCENT));
            }
            concentration(of.and("bound", "least"), tier.least(), hhiRows, effectiveRows);
            concentration(of.and("bound", "most"), tier.most(), hhiRows, effectiveRows);
        }
        shares.register(shareRows, true);
        hhi.register(hhiRows, true);
        effective.register(effectiveRows, true);
        List<Row<?>> scarcityRows = new ArrayList<>();
        List<Row<?>> foreignRows = new ArrayList<>();
        for (ClassSupply chipClass : report.classes()) {
            chipClass
                    .scarcityMilli()
                    .ifPresent(
                            milli -> scarcityRows.add(Row.of(Tags.of("class", chipClass.className()), milli / MILLI)));
            foreignRows.add(Row.of(
                    Tags.of("class", chipClass.className(), "supplier", chipClass.supplierName()),
                    chipClass.count().foreignMilli() / MILLI));
        }
        scarcity.register(scarcityRows, true);
        foreign.register(foreignRows, true);
        work(report);
        policies(report);
    }

    private static void concentration(Tags tags, Concentration of, List<Row<?>> hhiRows, List<Row<?>> effectiveRows) {
        hhiRows.add(Row.of(tags, of.hhi()));
        effectiveRows.add(Row.of(tags, of.effectiveMilli() / MILLI));
    }

    private void work(SupplyReport report) {
        QueueWork all = report.queues().stream().reduce(new QueueWork("", 0, 0, 0, 0), QueueWork::plus);
        work.register(
                List.of(
                        work("Pinned", "Running", all.pinnedRunning()),
                        work("Pinned", "Waiting", all.pinnedWaiting()),
                        work("Portable", "Running", all.portableRunning()),
                        work("Portable", "Waiting", all.portableWaiting())),
                true);
    }

    private static Row<?> work(String work, String phase, long milliSeconds) {
        return Row.of(Tags.of("work", work, "phase", phase), milliSeconds / MILLI / SECONDS_OF_HOUR);
    }

    private void policies(SupplyReport report) {
        List<Row<?>> metRows = new ArrayList<>();
        List<Row<?>> shareRows = new ArrayList<>();
        List<Row<?>> pinnedRows = new ArrayList<>();
        List<Row<?>> strandedRows = new ArrayList<>();
        List<Row<?>> missedRows = new ArrayList<>();
        List<Row<?>> blockedRows = new ArrayList<>();
        for (PolicyStatus policy : report.policies()) {
            Tags of = Tags.of("policy", policy.policyName());
            metRows.add(Row.of(of, policy.met() ? 1 : 0));
            for (int place = 0; place < policy.rules().size(); place++) {
                RuleStatus rule = policy.rules().get(place);
                Tags whose = of.and("rule", Integer.toString(place));
                Tags tags = whose.and(
                        "tier", Names.camel(rule.rule().tier()),
                        "supplier", rule.rule().supplierName(),
                        "enforcement", Names.camel(rule.rule().enforcement()));
                shareRows.add(Row.of(tags, rule.shareMilliPercent() / WHOLE_MILLI_PERCENT));
                pinnedRows.add(Row.of(tags, rule.pinnedMilliPercent() / WHOLE_MILLI_PERCENT));
                strandedRows.add(Row.of(tags, rule.strandedUnits() / (double) TierShares.UNITS_OF_DEVICE));
                if (!rule.met()) {
                    missedRows.add(Row.of(whose.and("cause", Names.camel(rule.cause())), 1));
                }
            }
            InferenceStatus inference = policy.inference();
            if (inference != null) {
                blockedRows.add(Row.of(of, inference.blockedJobs()));
                if (!inference.met()) {
                    missedRows.add(Row.of(of.and("rule", "Inference", "cause", Names.camel(inference.cause())), 1));
                }
            }
        }
        met.register(metRows, true);
        ruleShares.register(shareRows, true);
        rulePinned.register(pinnedRows, true);
        ruleStranded.register(strandedRows, true);
        missed.register(missedRows, true);
        blocked.register(blockedRows, true);
    }

    private void show(CoverageReport report) {
        List<Row<?>> rows = new ArrayList<>();
        for (PartyCoverage party : report.parties()) {
            Tags tags = Tags.of(
                    "tier", Names.camel(party.party().tier()),
                    "supplier", party.party().supplierName());
            rows.add(Row.of(tags.and("mode", "still"), party.stillMilliPercent() / WHOLE_MILLI_PERCENT));
            rows.add(Row.of(tags.and("mode", "replan"), party.replanMilliPercent() / WHOLE_MILLI_PERCENT));
        }
        coverage.register(rows, true);
    }
}
