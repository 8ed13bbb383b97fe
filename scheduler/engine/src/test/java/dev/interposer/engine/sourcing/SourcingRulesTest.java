package dev.interposer.engine.sourcing;

import static dev.interposer.engine.sourcing.SupplyScene.NONE;
import static dev.interposer.engine.sourcing.SupplyScene.cap;
import static dev.interposer.engine.sourcing.SupplyScene.fleetPolicy;
import static dev.interposer.engine.sourcing.SupplyScene.scoped;
import static dev.interposer.engine.sourcing.SupplyScene.tier;
import static dev.interposer.engine.sourcing.SupplyScene.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.JobQueue.ScopeKind;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Basis;
import dev.interposer.engine.model.SourcingPolicy.Enforcement;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.model.SourcingPolicy.PinnedWork;
import dev.interposer.engine.model.SourcingPolicy.SourcingException;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.SourcingPolicy.SourcingScope;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The rules of sourcing, one behaviour each. Ten chips of "north" and ten of "south", one reference device each. */
class SourcingRulesTest {
    private static final String STARTS = "starts";
    private static final String CAPPED = "SOURCING_CAP";

    private final SupplyScene scene = new SupplyScene()
            .suppliers("north", "south", "fab", "broker")
            .queue("queue", "")
            .chip("n1", "north", 1000, tier(Tier.FOUNDRY, "fab", 100))
            .chip("s1", "south", 1000, tier(Tier.FOUNDRY, "fab", 40, "unknown", 60));
    private final NodeState north = scene.node("north", "n1", 10);
    private final NodeState south = scene.node("south", "s1", 10);

    private JobState portable(int devices) {
        return scene.train(
                "queue", Map.of(), AcceleratorRequest.of("n1", devices), AcceleratorRequest.of("s1", devices));
    }

    private JobState pinned(int devices) {
        return scene.train("queue", Map.of(), AcceleratorRequest.of("n1", devices));
    }

    /** Starts a portable job on the chips of north. */
    private JobState running(int devices) {
        JobState job = portable(devices);
        scene.start(job.gangs().getFirst(), 0, north);
        return job;
    }

    private String onNorth(JobState job, int devices) {
        return scene.asked(job, "n1", 1000L * devices);
    }

    // ---- hard caps

    @Test
    void aStartThatReachesTheCapStartsAndOneChipMoreDoesNot() {
        scene.policy(fleetPolicy(cap(Tier.DESIGNER, "north", 30)));
        running(4);
        assertThat(onNorth(portable(2), 2)).isEqualTo(STARTS);
        assertThat(onNorth(portable(3), 3)).isEqualTo(CAPPED);
        assertThat(scene.asked(portable(3), "s1", 3000)).isEqualTo(STARTS);
    }

    @Test
    void theRefusalNamesPolicySupplierTierCapAndShare() {
        scene.policy(fleetPolicy(cap(Tier.DESIGNER, "north", 30)));
        running(4);
        Reason reason = Objects.requireNonNull(scene.sourcing.blocks(portable(3), scene.number("n1"), 3000));
        assertThat(reason.parameters())
                .containsEntry("policy", "policy")
                .containsEntry("supplier", "north")
                .containsEntry("tier", "DESIGNER")
                .containsEntry("cap", "30")
                .containsEntry("share", "20.0")
                .containsEntry("wouldBe", "35.0");
    }

    @Test
    void theDenominatorIsWhatIsInstalledSoThatOneStartNeverMakesRoomForAnother() {
        scene.policy(fleetPolicy(cap(Tier.DESIGNER, "north", 30)));
        running(6);
        JobState elsewhere = portable(10);
        scene.start(elsewhere.gangs().getFirst(), 1, south);
        assertThat(onNorth(portable(1), 1)).isEqualTo(CAPPED);
    }

    @Test
    void aFailedChipIsStillInstalledAndAGoneNodeIsNot() {
        scene.policy(fleetPolicy(cap(Tier.DESIGNER, "north", 30)));
        south.devices().stream()
                .toList()
                .forEach(device ->
                        scene.apply(new FleetEvent.DeviceHealthChanged(south.id(), device.id(), Health.FAILED, "x")));
        assertThat(onNorth(portable(6), 6)).isEqualTo(STARTS);
        scene.apply(new FleetEvent.NodeRemoved(south.id()));
        scene.node("tiny", "s1", 1);
        assertThat(onNorth(portable(6), 6)).isEqualTo(CAPPED);
        assertThat(onNorth(portable(3), 3)).isEqualTo(STARTS);
    }

    @Test
    void anExcessThatADepartureMadeIsNotDeepenedAndStopsNothing() {
        scene.policy(fleetPolicy(cap(Tier.DESIGNER, "north", 30)));
        JobState job = running(6);
        scene.apply(new FleetEvent.NodeRemoved(south.id()));
        assertThat(job.gangs().getFirst().liveWorkers()).isEqualTo(1);
        assertThat(onNorth(portable(1), 1)).isEqualTo(CAPPED);
    }

    @Test
    void chipsCountByTheirReferenceValueAndSharesOfAChipByTheirPart() {
        scene.chip("n1", "north", 4000);
        scene.policy(fleetPolicy(cap(Tier.DESIGNER, "north", 40)));
        assertThat(onNorth(portable(5), 5)).isEqualTo(STARTS);
        assertThat(onNorth(portable(6), 6)).isEqualTo(CAPPED);
        assertThat(scene.asked(portable(1), "n1", 5001)).isEqualTo(CAPPED);
    }

    @Test
    void aSupplierOfAPartOfAChipCountsForThatPart() {
        scene.policy(fleetPolicy(cap(Tier.FOUNDRY, "fab", 20)));
        assertThat(scene.asked(portable(10), "s1", 10_000)).isEqualTo(STARTS);
        assertThat(onNorth(portable(4), 4)).isEqualTo(STARTS);
        assertThat(onNorth(portable(5), 5)).isEqualTo(CAPPED);
    }

    @Test
    void belowTheMinimumNothingIsBlocked() {
        scene.policy(with(fleetPolicy(cap(Tier.DESIGNER, "north", 5)), 4, PinnedWork.BLOCK));
        assertThat(onNorth(portable(4), 4)).isEqualTo(STARTS);
        assertThat(onNorth(portable(5), 5)).isEqualTo(CAPPED);
    }

    @Test
    void guaranteesAreTheDenominatorWhereThePolicySaysEntitled() {
        scene.apply(new SettingEvent.QueueApplied(new JobQueue(
                "queue",
                "",
                Map.of(),
                1,
                List.of(new Quota(ScopeKind.ALL, "", 6, -1, -1, -1)),
                0,
                0,
                0,
                QueueState.OPEN)));
        SourcingPolicy installed = fleetPolicy(cap(Tier.DESIGNER, "north", 50));
        scene.policy(new SourcingPolicy(
                "policy",
                SourcingScope.FLEET,
                Basis.ENTITLED,
                0,
                installed.rules(),
                0,
                PinnedWork.BLOCK,
                InferenceSourcing.NONE,
                List.of()));
        assertThat(onNorth(portable(3), 3)).isEqualTo(STARTS);
        assertThat(onNorth(portable(4), 4)).isEqualTo(CAPPED);
    }

    // ---- whom a policy speaks of

    @Test
    void aPolicyOfAQueueSpeaksOfTheQueuesBelowItAndOfNoOther() {
        scene.queue("team", "queue").queue("other", "");
        scene.policy(
                scoped(fleetPolicy(cap(Tier.DESIGNER, "north", 10)), new SourcingScope(List.of("queue"), Map.of())));
        AcceleratorRequest[] both = {AcceleratorRequest.of("n1", 3), AcceleratorRequest.of("s1", 3)};
        JobState outside = scene.train("other", Map.of(), both);
        assertThat(onNorth(outside, 3)).isEqualTo(STARTS);
        scene.start(outside.gangs().getFirst(), 0, north);
        assertThat(onNorth(scene.train("team", Map.of(), both), 3)).isEqualTo(CAPPED);
        assertThat(onNorth(scene.train("team", Map.of(), both), 2)).isEqualTo(STARTS);
    }

    @Test
    void aPolicyOfLabelsSpeaksOfTheJobsThatBearThem() {
        scene.policy(scoped(
                fleetPolicy(cap(Tier.DESIGNER, "north", 10)), new SourcingScope(List.of(), Map.of("team", "a"))));
        AcceleratorRequest[] both = {AcceleratorRequest.of("n1", 3), AcceleratorRequest.of("s1", 3)};
        assertThat(onNorth(scene.train("queue", Map.of("team", "a"), both), 3)).isEqualTo(CAPPED);
        assertThat(onNorth(scene.train("queue", Map.of("team", "b"), both), 3)).isEqualTo(STARTS);
    }

    @Test
    void anExceptionHoldsUntilItsTimeAndTheWorkIsCounted() {
        SourcingException launch = new SourcingException("launch", Map.of("run", "flagship"), "", 1000);
        scene.policy(with(fleetPolicy(cap(Tier.DESIGNER, "north", 10)), 0, PinnedWork.BLOCK, launch));
        AcceleratorRequest[] both = {AcceleratorRequest.of("n1", 8), AcceleratorRequest.of("s1", 8)};
        JobState flagship = scene.train("queue", Map.of("run", "flagship"), both);
        scene.sourcing.at(999);
        assertThat(onNorth(flagship, 8)).isEqualTo(STARTS);
        scene.start(flagship.gangs().getFirst(), 0, north);
        assertThat(onNorth(portable(1), 1)).isEqualTo(CAPPED);
        scene.sourcing.at(1000);
        assertThat(onNorth(scene.train("queue", Map.of("run", "flagship"), both), 1))
                .isEqualTo(CAPPED);
    }

    @Test
    void workThatHasNoOtherSupplierIsOnlyCountedWhereThePolicySaysSo() {
        scene.policy(with(fleetPolicy(cap(Tier.DESIGNER, "north", 10)), 0, PinnedWork.COUNT_ONLY));
        assertThat(onNorth(pinned(8), 8)).isEqualTo(STARTS);
        assertThat(onNorth(portable(8), 8)).isEqualTo(CAPPED);
        scene.policy(with(fleetPolicy(cap(Tier.DESIGNER, "north", 10)), 0, PinnedWork.BLOCK));
        assertThat(onNorth(pinned(8), 8)).isEqualTo(CAPPED);
    }

    @Test
    void chipsThatAreNotInstalledAreNoWayOut() {
        scene.chip("later", "south", 1000);
        scene.policy(with(fleetPolicy(cap(Tier.DESIGNER, "north", 10)), 0, PinnedWork.COUNT_ONLY));
        JobState waits =
                scene.train("queue", Map.of(), AcceleratorRequest.of("n1", 8), AcceleratorRequest.of("later", 8));
        assertThat(onNorth(waits, 8)).isEqualTo(STARTS);
        scene.node("new", "later", 1);
        assertThat(onNorth(waits, 8)).isEqualTo(CAPPED);
    }

    @Test
    void reportAndSoftBlockNothing() {
        scene.policy(fleetPolicy(
                new SourcingRule(Tier.DESIGNER, "north", 0, NONE, NONE, Enforcement.REPORT),
                new SourcingRule(Tier.DESIGNER, "north", 0, NONE, NONE, Enforcement.SOFT)));
        assertThat(onNorth(portable(10), 10)).isEqualTo(STARTS);
    }

    // ---- sellers

    @Test
    void theLabelOfANodeNamesTheSeller() {
        scene.policy(fleetPolicy(cap(Tier.SELLER, "broker", 10)));
        NodeState sold = scene.node("sold", "n1", 10, Origins.SELLER_LABEL, "broker");
        JobState job = portable(3);
        scene.start(job.gangs().getFirst(), 0, sold);
        assertThat(scene.sourcing.uses().getFirst().used()).isEqualTo(3L * 1000 * 1000 * 100);
        scene.start(portable(3).gangs().getFirst(), 0, north);
        assertThat(scene.sourcing.uses().getFirst().used()).isEqualTo(3L * 1000 * 1000 * 100);
        assertThat(onNorth(portable(1), 1))
                .as("it could stand on a chip of the broker")
                .isEqualTo(CAPPED);
        scene.report(sold.id(), "sold", List.copyOf(sold.devices()));
        assertThat(scene.sourcing.uses().getFirst().used()).isZero();
        assertThat(onNorth(portable(1), 1)).isEqualTo(STARTS);
    }

    @Test
    void workOfOneClassHasAnotherSupplierWhereAnotherSellerSoldNodesOfIt() {
        scene.policy(with(fleetPolicy(cap(Tier.SELLER, "north", 10)), 0, PinnedWork.COUNT_ONLY));
        assertThat(onNorth(pinned(8), 8)).as("north alone sells it").isEqualTo(STARTS);
        NodeState sold = scene.node("sold", "n1", 10, Origins.SELLER_LABEL, "broker");
        assertThat(onNorth(pinned(8), 8)).isEqualTo(CAPPED);
        assertThat(onNorth(pinned(3), 3)).isEqualTo(STARTS);
        scene.start(pinned(8).gangs().getFirst(), 0, north);
        assertThat(scene.sourcing.uses().getFirst().pinned()).isZero();
        scene.apply(new FleetEvent.NodeRemoved(sold.id()));
        assertThat(onNorth(pinned(2), 2)).isEqualTo(STARTS);
        assertThat(scene.sourcing.uses().getFirst().pinned()).isEqualTo(8L * 1000 * 1000 * 100);
    }

    @Test
    void aSellerThatIsNoSupplierIsUnknown() {
        scene.node("sold", "n1", 10, Origins.SELLER_LABEL, "brokre");
        assertThat(scene.counters.all()).containsKey(new SupplyCounters.Cell("n1", Origins.UNKNOWN));
    }

    // ---- soft bounds

    @Test
    void whatIsAboveItsTargetGetsDearerAndWhatIsBelowItsFloorGetsCheaperThanTheRest() {
        scene.policy(fleetPolicy(
                new SourcingRule(Tier.DESIGNER, "north", 60, 20, NONE, Enforcement.HARD),
                new SourcingRule(Tier.DESIGNER, "south", NONE, NONE, 10, Enforcement.SOFT)));
        JobState job = portable(6);
        assertThat(scene.sourcing.penaltyMilli(job, scene.number("n1"), 6000)).isEqualTo(100 + 100);
        assertThat(scene.sourcing.penaltyMilli(job, scene.number("s1"), 6000)).isZero();
        assertThat(scene.sourcing.penaltyMilli(job, scene.number("n1"), 4000)).isEqualTo(100);
    }

    @Test
    void withinTheHysteresisASoftBoundIsSilent() {
        SourcingPolicy plain = fleetPolicy(new SourcingRule(Tier.DESIGNER, "north", NONE, 20, NONE, Enforcement.SOFT));
        scene.policy(new SourcingPolicy(
                "policy",
                plain.scope(),
                plain.basis(),
                0,
                plain.rules(),
                5,
                PinnedWork.BLOCK,
                InferenceSourcing.NONE,
                List.of()));
        running(3);
        assertThat(scene.sourcing.penaltyMilli(portable(2), scene.number("n1"), 2000))
                .isZero();
        assertThat(scene.sourcing.penaltyMilli(portable(3), scene.number("n1"), 3000))
                .isEqualTo(100);
    }

    // ---- replicas

    private static InferenceSpec replicas(int count, int minSuppliers, int coverage) {
        return new InferenceSpec(count, null, 1, 30, 1, 0, List.of(), minSuppliers, Tier.DESIGNER, coverage, 0, 0);
    }

    @Test
    void oneSupplierServesNoMoreReplicasThanMayBeLost() {
        JobState job = scene.serve(replicas(5, 0, 60), "n1", "s1");
        scene.start(job.gangs().get(0), 0, north);
        assertThat(onNorth(job, 1)).isEqualTo(STARTS);
        scene.start(job.gangs().get(1), 0, north);
        assertThat(onNorth(job, 1)).isEqualTo("SOURCING_REPLICAS");
        assertThat(scene.asked(job, "s1", 1000)).isEqualTo(STARTS);
        scene.end(job.gangs().get(1));
        assertThat(onNorth(job, 1)).isEqualTo(STARTS);
    }

    @Test
    void theLastReplicasMustBringTheSuppliersThatAreStillMissing() {
        JobState job = scene.serve(replicas(3, 2, 0), "n1", "s1");
        scene.start(job.gangs().get(0), 0, north);
        assertThat(onNorth(job, 1)).isEqualTo(STARTS);
        scene.start(job.gangs().get(1), 0, north);
        assertThat(onNorth(job, 1)).isEqualTo("SOURCING_SUPPLIERS");
        assertThat(scene.asked(job, "s1", 1000)).isEqualTo(STARTS);
    }

    @Test
    void anUnknownSupplierIsNeverOneMore() {
        scene.chip("x1", "south", 1000, tier(Tier.DESIGNER, "unknown", 100));
        scene.node("x", "x1", 4);
        JobState job = scene.serve(replicas(2, 2, 0), "n1", "x1");
        scene.start(job.gangs().get(0), 0, north);
        assertThat(scene.asked(job, "x1", 1000)).isEqualTo("SOURCING_SUPPLIERS");
    }

    @Test
    void chipsOfWhichTwoMakersSupplyPartsAreLostWithEither() {
        scene.suppliers("hynix", "micron");
        scene.chip("n1", "north", 1000, tier(Tier.MEMORY, "hynix", 50, "micron", 50));
        scene.chip("s1", "south", 1000, tier(Tier.MEMORY, "micron", 100));
        scene.chip("h1", "south", 1000, tier(Tier.MEMORY, "hynix", 100));
        scene.chip("x1", "south", 1000, tier(Tier.MEMORY, "hynix", 50, "unknown", 50));
        JobState job = scene.serve(byMemory(3, 2), "n1", "s1", "h1", "x1");
        scene.start(job.gangs().get(0), 0, north);
        assertThat(onNorth(job, 1)).isEqualTo(STARTS);
        scene.start(job.gangs().get(1), 1, south);
        assertThat(onNorth(job, 1)).as("micron is behind all").isEqualTo("SOURCING_SUPPLIERS");
        assertThat(scene.asked(job, "s1", 1000)).isEqualTo("SOURCING_SUPPLIERS");
        assertThat(scene.asked(job, "x1", 1000)).as("micron may be the other").isEqualTo("SOURCING_SUPPLIERS");
        assertThat(scene.asked(job, "h1", 1000)).isEqualTo(STARTS);
    }

    private static InferenceSpec byMemory(int count, int minSuppliers) {
        return new InferenceSpec(count, null, 1, 30, 1, 0, List.of(), minSuppliers, Tier.MEMORY, 0, 0, 0);
    }

    @Test
    void aPolicyAsksForNoMoreSuppliersThanThereAreReplicas() {
        scene.policy(new SourcingPolicy(
                "serving",
                SourcingScope.FLEET,
                Basis.INSTALLED,
                0,
                List.of(),
                0,
                PinnedWork.BLOCK,
                new InferenceSourcing(Tier.DESIGNER, 3, 0),
                List.of()));
        JobState job = scene.serve(replicas(2, 0, 0), "n1", "s1");
        assertThat(onNorth(job, 1)).isEqualTo(STARTS);
        scene.start(job.gangs().get(0), 0, north);
        assertThat(onNorth(job, 1)).isEqualTo("SOURCING_SUPPLIERS");
        assertThat(scene.asked(job, "s1", 1000)).isEqualTo(STARTS);
    }

    @Test
    void aPolicyBoundsTheReplicasOfEveryJobOfItsScope() {
        scene.policy(new SourcingPolicy(
                "serving",
                SourcingScope.FLEET,
                Basis.INSTALLED,
                0,
                List.of(),
                0,
                PinnedWork.COUNT_ONLY,
                new InferenceSourcing(Tier.DESIGNER, 2, 0),
                List.of()));
        JobState job = scene.serve(replicas(2, 0, 0), "n1", "s1");
        scene.start(job.gangs().get(0), 0, north);
        assertThat(onNorth(job, 1)).isEqualTo("SOURCING_SUPPLIERS");
        JobState only = scene.serve(replicas(2, 0, 0), "n1");
        scene.start(only.gangs().get(0), 0, north);
        assertThat(onNorth(only, 1))
                .as("it has no other supplier, and is counted only")
                .isEqualTo(STARTS);
    }
}
