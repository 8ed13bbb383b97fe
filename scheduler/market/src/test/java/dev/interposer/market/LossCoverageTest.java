package dev.interposer.market;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.JobQueue.ScopeKind;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept when a party is lost, in fleets so small that it can be seen. */
class LossCoverageTest {
    private static final Party NORTH = new Party(Tier.DESIGNER, "north");

    private final FleetScene scene = new FleetScene()
            .suppliers("north", "south", "fab", "mill")
            .queue("queue")
            .chip("n1", "north", 1000, "fab", 100)
            .chip("s1", "south", 1000, "fab", 50, "mill", 50);
    private final NodeState north = scene.node("north", "n1", 4);
    private final NodeState south = scene.node("south", "s1", 4);

    private PartyCoverage without(Party party) {
        return LossCoverage.of(FleetImage.of(scene.state), party::equals)
                .parties()
                .getFirst();
    }

    private JobState portable(int devices) {
        return scene.train(0, 0, FleetScene.profile("n1", 1, devices, "f"), FleetScene.profile("s1", 1, devices, "f"));
    }

    @Test
    void whatCanMoveIsKeptAndWhatIsPinnedIsLost() {
        scene.start(portable(3), north, 0);
        scene.start(scene.train(0, 0, FleetScene.profile("n1", 1, 1, "")), north, 3);
        PartyCoverage lost = without(NORTH);
        assertThat(lost.stillMilliPercent()).isEqualTo(75_000);
        assertThat(lost.replanMilliPercent()).isEqualTo(75_000);
        assertThat(lost.lostDevices()).isEqualTo(4);
        assertThat(lost.hitGangs()).isEqualTo(2);
        assertThat(lost.lostJobs()).hasSize(1);
        assertThat(lost.party().effect()).isEqualTo(Party.Effect.STOPS_CHIPS);
    }

    @Test
    void theLossOfChipsThatNothingUsesLosesNothing() {
        scene.start(portable(3), north, 0);
        assertThat(without(new Party(Tier.DESIGNER, "south")).stillMilliPercent())
                .isEqualTo(100_000);
    }

    @Test
    void whoLosesAChipGetsNoneThatOthersUseOrOwn() {
        scene.start(portable(3), north, 0);
        assertThat(without(NORTH).replanMilliPercent()).isEqualTo(100_000);
        scene.used(south, 2);
        assertThat(without(NORTH).replanMilliPercent()).isZero();
        NodeState theirs = scene.node("theirs", "s1", 4);
        assertThat(without(NORTH).replanMilliPercent()).isEqualTo(100_000);
        scene.observed(theirs);
        assertThat(without(NORTH).replanMilliPercent()).isZero();
        assertThat(without(NORTH).stillMilliPercent()).isZero();
    }

    @Test
    void chipsOfOthersNodesAreLostWithTheirMaker() {
        scene.start(portable(3), south, 0);
        scene.observed(scene.node("theirs", "n1", 2));
        PartyCoverage lost = without(NORTH);
        assertThat(lost.lostDevices()).isEqualTo(6);
        assertThat(lost.stillMilliPercent()).isEqualTo(100_000);
    }

    @Test
    void aJobThatForbidsAChangeOfProfileIsLost() {
        JobState job = scene.train(0, 0, FleetScene.profile("n1", 1, 3, ""), FleetScene.profile("s1", 1, 3, ""));
        scene.start(job, north, 0);
        assertThat(without(NORTH).replanMilliPercent()).isZero();
    }

    @Test
    void betweenUnequalFormatsOfCheckpointsNothingMoves() {
        JobState job = scene.train(0, 0, FleetScene.profile("n1", 1, 3, "f"), FleetScene.profile("s1", 1, 3, "g"));
        scene.start(job, north, 0);
        assertThat(without(NORTH).replanMilliPercent()).isZero();
    }

    @Test
    void planningAnewFindsRoomThatStandingStillHasNot() {
        NodeState second = scene.node("second", "s1", 4);
        scene.start(portable(2), south, 0);
        scene.start(portable(2), second, 0);
        scene.start(portable(4), north, 0);
        PartyCoverage lost = without(NORTH);
        assertThat(lost.stillMilliPercent()).isEqualTo(50_000);
        assertThat(lost.replanMilliPercent()).isEqualTo(100_000);
    }

    @Test
    void whatMattersMoreWeighsMore() {
        scene.start(scene.train(100, 0, FleetScene.profile("n1", 1, 2, "")), north, 0);
        scene.start(scene.train(0, 0, FleetScene.profile("s1", 1, 2, "")), south, 0);
        assertThat(without(NORTH).stillMilliPercent()).isEqualTo(33_333);
    }

    // ---- elastic gangs

    private static final WorkerCount ONE_TO_FOUR = new WorkerCount(1, 4, 1);

    @Test
    void aGangThatGoesOnSmallerCountsForWhatIsLeftOfIt() {
        JobState job = scene.train(
                0,
                0,
                FleetScene.profile("n1", ONE_TO_FOUR, 4, "f"),
                FleetScene.profile("s1", WorkerCount.of(1), 4, "f"));
        scene.startOn(job, 0, north, scene.node("n2", "n1", 4), scene.node("n3", "n1", 4), scene.node("n4", "n1", 4));
        PartyCoverage lost = without(NORTH);
        assertThat(lost.lostDevices()).isEqualTo(16);
        assertThat(lost.stillMilliPercent()).isEqualTo(25_000);
        assertThat(lost.replanMilliPercent()).isEqualTo(25_000);
        assertThat(lost.lostJobs()).as("it goes on").isEmpty();
    }

    @Test
    void aGangTakesWhatIsLeftOfItsChips() {
        scene.chip("n1", "north", 1000, "fab", 50, "mill", 50);
        JobState job = scene.train(0, 0, FleetScene.profile("n1", ONE_TO_FOUR, 4, ""));
        scene.startOn(job, 0, north, scene.node("n2", "n1", 4), scene.node("n3", "n1", 4), scene.node("n4", "n1", 4));
        PartyCoverage lost = without(new Party(Tier.FOUNDRY, "mill"));
        assertThat(lost.stillMilliPercent()).isEqualTo(50_000);
        assertThat(lost.replanMilliPercent()).isEqualTo(50_000);
    }

    @Test
    void nobodyGrowsIntoWhatAnotherNeedsToGoOn() {
        NodeState second = scene.node("n2", "n1", 4);
        NodeState third = scene.node("s2", "s1", 4);
        JobState job = scene.train(
                0, 0, FleetScene.profile("n1", ONE_TO_FOUR, 4, "f"), FleetScene.profile("s1", ONE_TO_FOUR, 4, "f"));
        scene.startOn(job, 0, north, second);
        scene.start(portable(4), scene.node("n3", "n1", 4), 0);
        PartyCoverage lost = without(NORTH);
        assertThat(third.workers()).isEmpty();
        assertThat(lost.stillMilliPercent()).isEqualTo(66_667);
        assertThat(lost.lostJobs()).isEmpty();
    }

    @Test
    void workOnWeakerChipsCountsForThem() {
        scene.chip("s1", "south", 500, "fab", 50, "mill", 50);
        scene.start(portable(4), north, 0);
        assertThat(without(NORTH).stillMilliPercent()).isEqualTo(50_000);
        scene.chip("s1", "south", 3000, "fab", 50, "mill", 50);
        assertThat(without(NORTH).stillMilliPercent()).isEqualTo(100_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void noMoreIsKeptThanTheChipsThatAreLeftHold(long seed) {
        Random random = new Random(seed);
        FleetScene elastic = RehearsalTest.scene(random, 1);
        FleetImage image = FleetImage.of(elastic.state);
        CoverageReport report = LossCoverage.of(image, party -> party.tier() == Tier.DESIGNER);
        assertThat(report.parties()).isNotEmpty();
        for (PartyCoverage lost : report.parties()) {
            long left = image.nodes().stream()
                    .flatMap(node -> node.devices().stream())
                    .map(device -> elastic.state.settings().acceleratorClass(device.className()))
                    .filter(Objects::nonNull)
                    .filter(chip -> !chip.supplierName().equals(lost.party().supplierName()))
                    .mapToLong(AcceleratorClass::referenceMilli)
                    .sum();
            // Weight 100 each; a share is rounded to the next thousandth of a percent.
            assertThat(report.runningWeight() * lost.replanMilliPercent() / 100_000)
                    .as("seed " + seed + " without " + lost.party())
                    .isLessThanOrEqualTo(100 * left + report.runningWeight() / 100_000);
        }
    }

    @Test
    void ofAClassThatRestsOnAPartyForAPartThatPartOfTheNodesIsLost() {
        scene.node("third", "s1", 4);
        scene.node("fourth", "s1", 4);
        scene.node("fifth", "s1", 4);
        PartyCoverage lost = without(new Party(Tier.FOUNDRY, "mill"));
        assertThat(lost.lostDevices()).isEqualTo(8);
        assertThat(lost.party().effect()).isEqualTo(Party.Effect.STOPS_DELIVERIES);
        assertThat(without(new Party(Tier.FOUNDRY, "fab")).lostDevices()).isEqualTo(12);
    }

    @Test
    void guaranteesThatNobodyUsesAreClaimed() {
        scene.queue("queue", new Quota(ScopeKind.CLASS, "n1", 3, -1, -1, -1));
        scene.start(scene.train(0, 0, FleetScene.profile("n1", 1, 1, "")), north, 0);
        scene.start(scene.train(0, 0, FleetScene.profile("s1", 1, 3, "")), south, 0);
        CoverageReport report = LossCoverage.of(FleetImage.of(scene.state), NORTH::equals);
        assertThat(report.runningWeight()).isEqualTo(4 * 100 * 1000);
        assertThat(report.guaranteeWeight()).isEqualTo(2 * 100 * 1000);
        assertThat(report.parties().getFirst().stillMilliPercent()).isEqualTo(50_000);
    }

    private long claimed() {
        return LossCoverage.of(FleetImage.of(scene.state), NORTH::equals).guaranteeWeight() / (100 * 1000);
    }

    @Test
    void guaranteesOfDifferentKindsOverlap() {
        Quota ofClass = new Quota(ScopeKind.CLASS, "n1", 3, -1, -1, -1);
        Quota ofAll = new Quota(ScopeKind.ALL, "", 3, -1, -1, -1);
        scene.queue("queue", ofClass, ofAll);
        assertThat(claimed()).isEqualTo(3);
        scene.start(scene.train(0, 0, FleetScene.profile("s1", 1, 3, "")), south, 0);
        assertThat(claimed()).as("of the class all are unused").isEqualTo(3);
        scene.start(scene.train(0, 0, FleetScene.profile("n1", 1, 2, "")), north, 0);
        assertThat(claimed()).isEqualTo(1);
        scene.queue("queue", ofClass, new Quota(ScopeKind.CLASS, "s1", 4, -1, -1, -1));
        assertThat(claimed()).as("of one kind they add up").isEqualTo(2);
    }

    @Test
    void aGuaranteeHoldsForWhatIsBelowItsQueue() {
        scene.queue("queue", new Quota(ScopeKind.CLASS, "n1", 4, -1, -1, -1));
        scene.below("queue", "child", new Quota(ScopeKind.CLASS, "n1", 1, -1, -1, -1));
        assertThat(claimed()).isEqualTo(4);
        scene.queue("queue");
        assertThat(claimed()).as("that of the child, where the parent has none").isEqualTo(1);
        scene.queue("queue", new Quota(ScopeKind.CLASS, "gone", 4, -1, -1, -1));
        assertThat(claimed()).as("nor one of a class that is there").isEqualTo(1);
    }

    @Test
    void aGuaranteeBeyondWhatIsThereCountsNowhere() {
        scene.queue("queue", new Quota(ScopeKind.CLASS, "n1", 30, -1, -1, -1));
        scene.start(scene.train(0, 0, FleetScene.profile("s1", 1, 4, "")), south, 0);
        assertThat(without(NORTH).stillMilliPercent()).isEqualTo(50_000);
    }

    @Test
    void theStateThatIsReckonedWithStaysAsItIs() {
        scene.start(portable(3), north, 0);
        long revision = scene.state.revision();
        without(NORTH);
        assertThat(scene.state.revision()).isEqualTo(revision);
        assertThat(north.workers()).hasSize(1);
    }
}
