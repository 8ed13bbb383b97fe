package dev.interposer.server.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Enforcement;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.sourcing.SupplyCounters.Count;
import dev.interposer.market.ClassSupply;
import dev.interposer.market.InferenceStatus;
import dev.interposer.market.PolicyStatus;
import dev.interposer.market.QueueWork;
import dev.interposer.market.RuleStatus;
import dev.interposer.market.RuleStatus.Cause;
import dev.interposer.market.SupplyReport;
import dev.interposer.market.TierShares;
import dev.interposer.server.view.LiveView;
import dev.interposer.server.view.SupplyReader;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a report is as gauges. */
class SupplyGaugesTest {
    private static final int NONE = SourcingPolicy.NO_BOUND;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final SupplyGauges gauges = new SupplyGauges(new SupplyReader(new LiveView()), meters);

    private void show(PolicyStatus policy) {
        gauges.show(new SupplyReport(
                1,
                1,
                86_400,
                List.of(),
                List.of(),
                List.of(policy),
                List.of(
                        new QueueWork("a", 3_600_000, 0, 7_200_000, 0),
                        new QueueWork("b", 3_600_000, 0, 0, 1_800_000))));
    }

    private static RuleStatus rule(int cap, int floor, Cause cause) {
        return new RuleStatus(
                new SourcingRule(Tier.DESIGNER, "north", cap, NONE, floor, Enforcement.SOFT),
                40_000,
                40_000,
                50_000,
                25_000,
                cause,
                3 * TierShares.UNITS_OF_DEVICE);
    }

    private double value(String name, String... tags) {
        return meters.get(name).tags(tags).gauge().value();
    }

    @Test
    void rulesOfOneSupplierAtOneTierAreGaugesOfTheirOwn() {
        show(new PolicyStatus("p", List.of(rule(30, NONE, Cause.NOT_ENFORCED), rule(NONE, 10, Cause.MET)), null));
        assertThat(meters.get("interposer.sourcing.rule.share.ratio").gauges()).hasSize(2);
        assertThat(value("interposer.sourcing.rule.share.ratio", "rule", "1")).isEqualTo(0.4);
        assertThat(value("interposer.sourcing.rule.pinned.ratio", "rule", "0")).isEqualTo(0.25);
        assertThat(value("interposer.sourcing.rule.stranded.reference.devices", "rule", "0"))
                .isEqualTo(3);
        assertThat(meters.get("interposer.sourcing.missed").gauges()).hasSize(1);
        assertThat(value("interposer.sourcing.missed", "policy", "p", "rule", "0", "cause", "NotEnforced"))
                .isEqualTo(1);
    }

    @Test
    void whatIsAskedOfReplicasCountsForThePolicy() {
        show(new PolicyStatus(
                "inf",
                List.of(),
                new InferenceStatus(
                        new InferenceSourcing(Tier.DESIGNER, 9, 0),
                        3,
                        5,
                        0,
                        2,
                        List.of(),
                        InferenceStatus.Cause.TOO_FEW_SUPPLIERS)));
        assertThat(value("interposer.sourcing.policy.met", "policy", "inf")).isZero();
        assertThat(value("interposer.sourcing.blocked.jobs", "policy", "inf")).isEqualTo(2);
        assertThat(value("interposer.sourcing.missed", "rule", "Inference", "cause", "TooFewSuppliers"))
                .isEqualTo(1);
    }

    @Test
    void whatOthersUseIsAGaugeOfClassAndSupplier() {
        Count count = new Count(8_000, 8_000, 0, 2_500, 0, 5_500);
        gauges.show(new SupplyReport(
                1,
                1,
                86_400,
                List.of(new ClassSupply("chip", "maker", 1000, count, 0, 0, 1)),
                List.of(),
                List.of(),
                List.of()));
        assertThat(value("interposer.supply.foreign.devices", "class", "chip", "supplier", "maker"))
                .isEqualTo(2.5);
    }

    @Test
    void workOfAllQueuesIsOneSum() {
        show(new PolicyStatus("p", List.of(), null));
        assertThat(value("interposer.supply.work.device.hours", "work", "Pinned", "phase", "Running"))
                .isEqualTo(2);
        assertThat(value("interposer.supply.work.device.hours", "work", "Portable", "phase", "Waiting"))
                .isEqualTo(0.5);
    }
}
