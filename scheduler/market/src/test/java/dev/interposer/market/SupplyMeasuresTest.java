package dev.interposer.market;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Basis;
import dev.interposer.engine.model.SourcingPolicy.Enforcement;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.model.SourcingPolicy.PinnedWork;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.SourcingPolicy.SourcingScope;
import dev.interposer.engine.model.SupplyOrder;
import dev.interposer.engine.model.SupplyOrder.OrderDelivery;
import dev.interposer.engine.model.SupplyOrder.OrderState;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.sourcing.SupplyCounters.Count;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.market.RuleStatus.Cause;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Scarcity, pinned work and the causes of policies that are not met. */
class SupplyMeasuresTest {
    private static final int NONE = SourcingPolicy.NO_BOUND;

    private final FleetScene scene = new FleetScene()
            .suppliers("north", "south", "absent")
            .queue("queue")
            .chip("n1", "north", 1000)
            .chip("s1", "south", 2000);
    private final NodeState north = scene.node("north", "n1", 10);
    private final NodeState south = scene.node("south", "s1", 5);
    private final SupplyMeasures measures = SupplyMeasures.following(scene.state);

    /** What followed the events is what one who comes now finds. */
    private SupplyReport report() {
        SupplyReport report = measures.report(FleetScene.DAY);
        assertThat(report).isEqualTo(SupplyMeasures.following(scene.state).report(FleetScene.DAY));
        assertThat(measures.image()).isEqualTo(FleetImage.of(scene.state));
        return report;
    }

    private OptionalLong scarcity(String className) {
        return report().classes().stream()
                .filter(chipClass -> chipClass.className().equals(className))
                .findFirst()
                .orElseThrow()
                .scarcityMilli();
    }

    private JobState onNorth(int devices, long seconds) {
        return scene.train(0, seconds, FleetScene.profile("n1", 1, devices, ""));
    }

    private JobState either(int onNorth, int onSouth) {
        return scene.train(0, 0, FleetScene.profile("n1", 1, onNorth, ""), FleetScene.profile("s1", 1, onSouth, ""));
    }

    // ---- following

    @Test
    void whatChangedSinceTheLastReportIsInTheNext() {
        JobState job = onNorth(4, 0);
        scene.start(job, north, 0);
        report();
        scene.apply(new FleetEvent.NodeCordoned(north.id(), true));
        report();
        scene.apply(new FleetEvent.NodeRemoved(south.id()));
        report();
        scene.apply(new JobEvent.WorkerEnded(new WorkerKey(job.id(), 0, 1, 0), EndCause.COMPLETED, 0, ""));
        report();
    }

    // ---- scarcity

    @Test
    void runningAndWaitingWorkPressOnTheirClass() {
        scene.start(onNorth(4, 0), north, 0);
        onNorth(8, 0);
        assertThat(scarcity("n1")).hasValue(1200);
        assertThat(scarcity("s1")).hasValue(0);
    }

    @Test
    void workThatEndsSoonPressesForThatLong() {
        scene.start(onNorth(8, FleetScene.DAY), north, 0);
        assertThat(scarcity("n1")).hasValue(800);
        scene.later(FleetScene.DAY / 2);
        onNorth(1, 1);
        assertThat(scarcity("n1")).hasValue(400);
    }

    /** Both are installed; what others use is healthy too, and neither is there for our work. */
    @Test
    void chipsThatOthersUseOrOwnAreNoSupply() {
        onNorth(5, 0);
        scene.used(north, 5);
        assertThat(scarcity("n1")).hasValue(1000);
        Count count = report().classes().getFirst().count();
        assertThat(count).isEqualTo(new Count(10_000, 10_000, 0, 5_000, 0, 5_000));

        scene.observed(scene.node("theirs", "n1", 4));
        assertThat(scarcity("n1")).hasValue(1000);
        assertThat(report().classes().getFirst().count()).isEqualTo(new Count(14_000, 10_000, 0, 5_000, 4_000, 5_000));
        assertThat(report().classes().getFirst().supplierName()).isEqualTo("north");
    }

    @Test
    void aClassThatIsOnlyOnNodesOfOthersIsNoWayOut() {
        scene.start(either(4, 2), north, 0);
        assertThat(report().queues().getFirst().portableRunning()).isPositive();
        scene.observed(south);
        assertThat(report().queues().getFirst().portableRunning()).isZero();
        assertThat(report().queues().getFirst().pinnedRunning()).isPositive();
    }

    @Test
    void flexibleWorkIsSplitByTheHealthyChipsOfItsClasses() {
        either(6, 3);
        // Two thirds of six on ten chips of north, one third of three on five of south.
        assertThat(scarcity("n1")).hasValue(400);
        assertThat(scarcity("s1")).hasValue(200);
    }

    @Test
    void chipsThatFailMakeTheRestScarcerAndWithoutAnyThereIsNoFigure() {
        onNorth(5, 0);
        scene.apply(new FleetEvent.NodeCordoned(north.id(), true));
        assertThat(scarcity("n1")).isEmpty();
        scene.node("more", "n1", 5);
        assertThat(scarcity("n1")).hasValue(1000);
    }

    @Test
    void whatAnOrderBringsWithinTheHorizonCountsByItsConfidence() {
        String today = Instant.ofEpochSecond(scene.state.atMicros() / 1_000_000)
                .atZone(ZoneOffset.UTC)
                .toLocalDate()
                .plusDays(1)
                .toString();
        onNorth(15, 0);
        assertThat(scarcity("n1")).hasValue(1500);
        scene.apply(new SettingEvent.OrderApplied(new SupplyOrder(
                "order",
                "north",
                "n1",
                List.of(new OrderDelivery("past", 100, "2020-01-01"), new OrderDelivery("next", 10, today)),
                50,
                Map.of("order", "north"),
                OrderState.ACTIVE)));
        long now = scene.state.atMicros() / 1_000_000;
        long there = now + FleetScene.DAY - (now / FleetScene.DAY + 1) * FleetScene.DAY;
        long supply = 10 * FleetScene.DAY + 5 * there;
        assertThat(scarcity("n1").getAsLong()).isEqualTo((15_000 * FleetScene.DAY + supply / 2) / supply);
    }

    // ---- pinned and portable work

    @Test
    void workIsCountedByQueueAsPinnedOrPortable() {
        scene.start(onNorth(4, 3600), north, 0);
        onNorth(2, 3600);
        scene.start(either(2, 1), south, 0);
        either(2, 1);
        assertThat(report().queues())
                .containsExactly(new QueueWork(
                        "queue", 4000L * 3600, 2000L * 3600, 1000 * FleetScene.DAY, 2000 * FleetScene.DAY));
    }

    // ---- policies

    private RuleStatus rule(int cap, int target, int floor, String supplier) {
        return rule(new SourcingRule(Tier.DESIGNER, supplier, cap, target, floor, Enforcement.REPORT), 0);
    }

    private RuleStatus rule(SourcingRule rule, int hysteresisPercent) {
        scene.apply(new SettingEvent.PolicyApplied(new SourcingPolicy(
                "policy",
                SourcingScope.FLEET,
                Basis.INSTALLED,
                0,
                List.of(rule),
                hysteresisPercent,
                PinnedWork.COUNT_ONLY,
                InferenceSourcing.NONE,
                List.of())));
        return report().policies().getFirst().rules().getFirst();
    }

    @Test
    void aCapThatIsKeptIsMetAndSaysWhatItLeavesUnused() {
        scene.start(onNorth(4, 0), north, 0);
        RuleStatus status = rule(30, NONE, NONE, "north");
        assertThat(status.cause()).isEqualTo(Cause.MET);
        assertThat(status.shareMilliPercent()).isEqualTo(20_000);
        assertThat(status.installedMilliPercent()).isEqualTo(50_000);
        assertThat(status.strandedUnits()).isEqualTo(4 * TierShares.UNITS_OF_DEVICE);
    }

    @Test
    void pinnedWorkAboveTheCapIsTheCause() {
        scene.start(onNorth(7, 0), north, 0);
        RuleStatus status = rule(30, NONE, NONE, "north");
        assertThat(status.cause()).isEqualTo(Cause.PINNED_WORK);
        assertThat(status.pinnedMilliPercent()).isEqualTo(35_000);
    }

    @Test
    void portableWorkAboveTheCapIsNot() {
        scene.start(either(7, 3), north, 0);
        assertThat(hardCap(30)).isEqualTo(Cause.ABOVE_CAP);
    }

    private Cause hardCap(int percent) {
        return rule(new SourcingRule(Tier.DESIGNER, "north", percent, NONE, NONE, Enforcement.HARD), 0)
                .cause();
    }

    @Test
    void pinnedWorkOnTopOfACapThatWasFullIsTheCause() {
        scene.start(either(4, 3), north, 0);
        scene.start(onNorth(2, 0), north, 4);
        assertThat(hardCap(20)).isEqualTo(Cause.PINNED_WORK);
        assertThat(hardCap(15)).as("it would be above without it").isEqualTo(Cause.ABOVE_CAP);
    }

    @Test
    void aCapThatBlocksNothingSaysSo() {
        scene.start(either(7, 3), north, 0);
        assertThat(rule(30, NONE, NONE, "north").cause()).isEqualTo(Cause.NOT_ENFORCED);
        SourcingRule soft = new SourcingRule(Tier.DESIGNER, "north", 30, NONE, NONE, Enforcement.SOFT);
        assertThat(rule(soft, 5).cause()).isEqualTo(Cause.NOT_ENFORCED);
    }

    @Test
    void aTargetBesideACapIsAboveWhichItIsMissed() {
        scene.start(either(7, 3), north, 0);
        assertThat(rule(90, 5, NONE, "north").cause()).isEqualTo(Cause.ABOVE_TARGET);
        assertThat(rule(90, 60, NONE, "north").cause()).as("at most").isEqualTo(Cause.MET);
        assertThat(rule(30, 5, NONE, "north").cause()).as("the cap comes first").isEqualTo(Cause.NOT_ENFORCED);
    }

    @Test
    void aTargetBesideAFloorIsBelowWhichItIsMissed() {
        scene.start(either(7, 3), north, 0);
        assertThat(rule(NONE, 50, 5, "north").cause()).isEqualTo(Cause.BELOW_TARGET);
        assertThat(rule(NONE, 60, 5, "north").cause()).isEqualTo(Cause.BEYOND_INSTALLED);
        assertThat(rule(NONE, 10, 5, "north").cause()).as("at least").isEqualTo(Cause.MET);
    }

    @Test
    void aTargetAloneIsMetWithinTheHysteresis() {
        scene.start(either(7, 3), north, 0);
        SourcingRule alone = new SourcingRule(Tier.DESIGNER, "north", NONE, 30, NONE, Enforcement.SOFT);
        assertThat(rule(alone, 5).cause()).isEqualTo(Cause.MET);
        assertThat(rule(alone, 4).cause()).isEqualTo(Cause.ABOVE_TARGET);
        SourcingRule more = new SourcingRule(Tier.DESIGNER, "north", NONE, 40, NONE, Enforcement.SOFT);
        assertThat(rule(more, 5).cause()).isEqualTo(Cause.MET);
        assertThat(rule(more, 4).cause()).isEqualTo(Cause.BELOW_TARGET);
    }

    @Test
    void aFloorNamesWhatKeepsItFromBeingMet() {
        assertThat(rule(NONE, NONE, 10, "absent").cause()).isEqualTo(Cause.NO_SUCH_SUPPLIER);
        assertThat(rule(NONE, NONE, 60, "south").cause()).isEqualTo(Cause.BEYOND_INSTALLED);
        assertThat(rule(NONE, NONE, 20, "south").cause()).isEqualTo(Cause.TOO_LITTLE_WORK);
        scene.start(either(2, 2), south, 0);
        assertThat(rule(NONE, NONE, 20, "south").cause()).isEqualTo(Cause.MET);
    }

    @Test
    void withNothingInstalledThereIsNothingToHaveAShareOf() {
        scene.apply(new FleetEvent.NodeRemoved(north.id())).apply(new FleetEvent.NodeRemoved(south.id()));
        assertThat(rule(30, NONE, NONE, "north").cause()).isEqualTo(Cause.NO_BASIS);
    }

    @Test
    void whoIsNotKnownMayBeTheOneWhoIsCapped() {
        scene.start(onNorth(4, 0), north, 0);
        scene.apply(new SettingEvent.PolicyApplied(new SourcingPolicy(
                "policy",
                SourcingScope.FLEET,
                Basis.INSTALLED,
                0,
                List.of(new SourcingRule(Tier.FOUNDRY, "absent", 80, NONE, NONE, Enforcement.REPORT)),
                0,
                PinnedWork.COUNT_ONLY,
                InferenceSourcing.NONE,
                List.of())));
        RuleStatus status = report().policies().getFirst().rules().getFirst();
        assertThat(status.shareMilliPercent()).isZero();
        assertThat(status.mostShareMilliPercent()).isEqualTo(20_000);
    }
}
