package dev.interposer.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interposer.control.command.FieldError;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Basis;
import dev.interposer.engine.model.SourcingPolicy.Enforcement;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.model.SourcingPolicy.PinnedWork;
import dev.interposer.engine.model.SourcingPolicy.SourcingException;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.SourcingPolicy.SourcingScope;
import dev.interposer.engine.model.SupplyOrder;
import dev.interposer.engine.model.SupplyOrder.OrderDelivery;
import dev.interposer.engine.model.SupplyOrder.OrderState;
import dev.interposer.engine.model.Tier;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Orders, sourcing policies and labels as the manifest writes them. */
class SupplyReaderTest {
    private static final int NONE = SourcingPolicy.NO_BOUND;

    private static Manifest read(String kind, String spec) throws ManifestException {
        return Manifests.parse("{apiVersion: interposer.dev/v1alpha1, kind: " + kind
                        + ", metadata: {name: it, labels: {run: flagship}}, spec: " + spec + "}")
                .getFirst();
    }

    private static List<String> wrong(String kind, String spec) {
        return catchThrowableOfType(ManifestException.class, () -> read(kind, spec)).rejection().fields().stream()
                .map(FieldError::path)
                .toList();
    }

    @Test
    void anOrderIsReadAsItIsWritten() throws Exception {
        Manifest.Order order = (Manifest.Order) read("SupplyOrder", """
                {supplierName: inhouse, className: a1, confidencePercent: 70, state: Closed,
                 deliveries: [{name: lot1, count: 256, promisedDate: "2027-01-15"}],
                 receiveSelector: {matchLabels: {site/order: it}}}""");
        assertThat(order.order())
                .isEqualTo(new SupplyOrder(
                        "it",
                        "inhouse",
                        "a1",
                        List.of(new OrderDelivery("lot1", 256, "2027-01-15")),
                        70,
                        Map.of("site/order", "it"),
                        OrderState.CLOSED));
    }

    @Test
    void aPolicyIsReadAsItIsWritten() throws Exception {
        Manifest.Policy policy = (Manifest.Policy) read("SourcingPolicy", """
                {scope: {queueNames: [research], jobSelector: {matchLabels: {team: a}}}, basis: Entitled,
                 minimumReferenceDevices: 64, hysteresisPercent: 3, pinnedWork: Block,
                 rules: [{tier: Designer, supplierName: nvidia, targetPercent: 55, capPercent: 65, enforcement: Hard},
                         {tier: Foundry, supplierName: tsmc, floorPercent: 0, enforcement: Soft}],
                 inference: {tier: Seller, minSuppliers: 2, minLossCoveragePercent: 60},
                 exceptions: [{name: launch, jobSelector: {matchLabels: {run: flagship}}, reason: why,
                               until: "1970-01-01T00:00:02Z"}]}""");
        assertThat(policy.policy())
                .isEqualTo(new SourcingPolicy(
                        "it",
                        new SourcingScope(List.of("research"), Map.of("team", "a")),
                        Basis.ENTITLED,
                        64,
                        List.of(
                                new SourcingRule(Tier.DESIGNER, "nvidia", 65, 55, NONE, Enforcement.HARD),
                                new SourcingRule(Tier.FOUNDRY, "tsmc", NONE, NONE, 0, Enforcement.SOFT)),
                        3,
                        PinnedWork.BLOCK,
                        new InferenceSourcing(Tier.SELLER, 2, 60),
                        List.of(new SourcingException("launch", Map.of("run", "flagship"), "why", 2_000_000))));
    }

    @Test
    void whatIsWrongIsNamedByItsField() {
        assertThat(wrong("SourcingPolicy", """
                {rules: [{supplierName: nvidia, capPercent: -5, enforcement: Maybe}], bases: Installed,
                 exceptions: [{name: a, jobSelector: {matchLabels: {a: b}}, until: tomorrow}]}"""))
                .containsExactlyInAnyOrder(
                        "spec.rules[0].tier",
                        "spec.rules[0].capPercent",
                        "spec.rules[0].enforcement",
                        "spec.exceptions[0].until",
                        "spec.bases");
        assertThat(wrong("SupplyOrder", "{supplierName: a, className: b, deliveries: [{name: x, count: many}]}"))
                .containsExactlyInAnyOrder("spec.deliveries[0].count", "spec.deliveries[0].promisedDate");
    }

    @Test
    void aTargetStandsWithTheBoundBesideIt() {
        SourcingRule capped = new SourcingRule(Tier.DESIGNER, "a", 65, 55, NONE, Enforcement.HARD);
        assertThat(List.of(capped.wishedMost(), capped.wishedLeast())).containsExactly(55, NONE);
        SourcingRule floored = new SourcingRule(Tier.DESIGNER, "a", NONE, 25, 15, Enforcement.SOFT);
        assertThat(List.of(floored.wishedMost(), floored.wishedLeast())).containsExactly(NONE, 25);
        SourcingRule alone = new SourcingRule(Tier.DESIGNER, "a", NONE, 40, NONE, Enforcement.SOFT);
        assertThat(List.of(alone.wishedMost(), alone.wishedLeast())).containsExactly(40, 40);
        SourcingRule bounds = new SourcingRule(Tier.DESIGNER, "a", 60, NONE, 20, Enforcement.SOFT);
        assertThat(List.of(bounds.wishedMost(), bounds.wishedLeast())).containsExactly(60, 20);
    }

    @Test
    void labelsOfAJobComeFromItsMetadata() throws Exception {
        Manifest.Job job = (Manifest.Job) read("TrainingJob", """
                {queueName: q, profiles: [{name: a}],
                 template: {spec: {containers: [{name: main, image: any, command: [run]}]}}}""");
        assertThat(job.spec().labels()).containsExactly(Map.entry("run", "flagship"));
        assertThat(job.spec().bears(Map.of("run", "flagship"))).isTrue();
        assertThat(job.spec().bears(Map.of("run", "other"))).isFalse();
    }
}
