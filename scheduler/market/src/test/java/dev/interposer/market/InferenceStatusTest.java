package dev.interposer.market;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Basis;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.model.SourcingPolicy.PinnedWork;
import dev.interposer.engine.model.SourcingPolicy.SourcingScope;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.market.InferenceStatus.Cause;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What policies ask of replicas, and whether they get it. */
class InferenceStatusTest {
    private final FleetScene scene = new FleetScene()
            .suppliers("north", "south", "third")
            .queue("queue")
            .chip("n1", "north", 1000)
            .chip("s1", "south", 1000)
            .chip("t1", "third", 1000);
    private final NodeState north = scene.node("north", "n1", 8);
    private final NodeState south = scene.node("south", "s1", 8);
    private final SupplyMeasures measures = SupplyMeasures.following(scene.state);

    private void policy(int suppliers, int coverage, PinnedWork pinned, SourcingScope scope) {
        scene.apply(new SettingEvent.PolicyApplied(new SourcingPolicy(
                "inf",
                scope,
                Basis.INSTALLED,
                0,
                List.of(),
                0,
                pinned,
                new InferenceSourcing(Tier.DESIGNER, suppliers, coverage),
                List.of())));
    }

    private PolicyStatus policy() {
        SupplyReport report = measures.report(FleetScene.DAY);
        assertThat(report).isEqualTo(SupplyMeasures.following(scene.state).report(FleetScene.DAY));
        return report.policies().getFirst();
    }

    private InferenceStatus status(int suppliers, int coverage) {
        policy(suppliers, coverage, PinnedWork.COUNT_ONLY, SourcingScope.FLEET);
        return Objects.requireNonNull(policy().inference());
    }

    private JobState portable(int replicas) {
        return scene.serve(replicas, FleetScene.profile("n1", 1, 1, ""), FleetScene.profile("s1", 1, 1, ""));
    }

    @Test
    void moreSuppliersThanAnybodyHasIsNeverMet() {
        JobState job = portable(4);
        scene.startOn(job.gangs().getFirst(), 0, north);
        scene.startOn(job.gangs().get(1), 0, south);
        InferenceStatus status = status(9, 0);
        assertThat(status.cause()).isEqualTo(Cause.TOO_FEW_SUPPLIERS);
        assertThat(status.installedSuppliers()).isEqualTo(2);
        assertThat(status.jobs()).isEqualTo(1);
        assertThat(status.blockedJobs()).isEqualTo(1);
        assertThat(policy().met()).isFalse();
    }

    @Test
    void chipsThatAreNotInstalledAreNoSupplier() {
        assertThat(status(3, 0).cause()).isEqualTo(Cause.TOO_FEW_SUPPLIERS);
        scene.node("third", "t1", 1);
        assertThat(status(3, 0).cause()).isEqualTo(Cause.MET);
    }

    @Test
    void aPartThatNoTwoSuppliersCanLeaveNeedsMore() {
        assertThat(status(0, 50).cause()).isEqualTo(Cause.MET);
        assertThat(status(0, 51).cause()).isEqualTo(Cause.TOO_FEW_SUPPLIERS);
    }

    @Test
    void aJobWhoseOneReplicaNoSupplierMayServeIsBlocked() {
        JobState job = portable(1);
        assertThat(status(2, 0).cause()).as("one replica rests on one supplier").isEqualTo(Cause.MET);
        InferenceStatus status = status(0, 50);
        assertThat(status.cause()).isEqualTo(Cause.TOO_FEW_REPLICAS);
        assertThat(status.blockedNames()).containsExactly(job.fullName());
    }

    @Test
    void ofJobsThatShareASpecThoseThatHaveNothingAreAlike() {
        JobState first = portable(2);
        scene.startOn(first.gangs().getFirst(), 0, north);
        scene.again(first);
        assertThat(status(2, 0).blockedJobs()).isZero();
        policy(0, 51, PinnedWork.BLOCK, SourcingScope.FLEET);
        assertThat(Objects.requireNonNull(policy().inference()).blockedJobs()).isEqualTo(2);
    }

    @Test
    void whereSomeClassWouldDoNobodyIsBlocked() {
        JobState job = portable(2);
        scene.startOn(job.gangs().getFirst(), 0, north);
        InferenceStatus status = status(2, 0);
        assertThat(status.blockedJobs()).isZero();
        assertThat(status.cause()).isEqualTo(Cause.MET);
        scene.startOn(job.gangs().getLast(), 0, south);
        assertThat(status(2, 50).cause()).isEqualTo(Cause.MET);
    }

    @Test
    void workThatIsPinnedIsBlockedOrRunsShort() {
        JobState job = scene.serve(2, FleetScene.profile("n1", 1, 1, ""));
        scene.startOn(job.gangs().getFirst(), 0, north);
        policy(2, 0, PinnedWork.BLOCK, SourcingScope.FLEET);
        assertThat(Objects.requireNonNull(policy().inference()).cause()).isEqualTo(Cause.JOBS_BLOCKED);
        assertThat(status(2, 0).blockedJobs()).as("it is only counted").isZero();
        scene.startOn(job.gangs().getLast(), 1, north);
        InferenceStatus status = status(2, 0);
        assertThat(status.cause()).isEqualTo(Cause.PINNED_WORK);
        assertThat(status.shortJobs()).isEqualTo(1);
    }

    @Test
    void whatRanBeforeThePolicyRunsShort() {
        JobState job = portable(2);
        scene.startOn(job.gangs().getFirst(), 0, north);
        scene.startOn(job.gangs().getLast(), 1, north);
        assertThat(status(2, 0).cause()).isEqualTo(Cause.JOBS_SHORT);
        assertThat(status(0, 50).cause()).isEqualTo(Cause.JOBS_SHORT);
        policy(0, 0, PinnedWork.COUNT_ONLY, SourcingScope.FLEET);
        assertThat(policy().inference()).isNull();
    }

    @Test
    void jobsOutsideOfTheScopeAreNobodysBusiness() {
        portable(1);
        policy(0, 50, PinnedWork.BLOCK, new SourcingScope(List.of("other"), Map.of()));
        assertThat(Objects.requireNonNull(policy().inference()).jobs()).isZero();
        policy(0, 50, PinnedWork.BLOCK, new SourcingScope(List.of("queue"), Map.of("tier", "gold")));
        assertThat(Objects.requireNonNull(policy().inference()).jobs()).isZero();
        policy(0, 50, PinnedWork.BLOCK, new SourcingScope(List.of("queue"), Map.of()));
        assertThat(Objects.requireNonNull(policy().inference()).blockedJobs()).isEqualTo(1);
    }
}
