package dev.interposer.engine.plan;

import static dev.interposer.engine.plan.Play.runs;
import static dev.interposer.engine.plan.Play.stops;
import static dev.interposer.engine.plan.Play.workers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.Preemption.Policy;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** How a node is emptied. */
class DrainTest {
    private final Play play = new Play();

    @Test
    void whatRunsOnADrainingNodeLeavesOnceAndStartsElsewhere() {
        play.nodes(1).queue("team", "", 1);
        JobState job = play.submit(Work.of("team", 4));
        play.decide().nodes(1, 1).drain("n0", -1).decide().decide();
        assertThat(asked()).singleElement().satisfies(asked -> {
            assertThat(asked.cause()).isEqualTo(StopCause.DRAINED);
            assertThat(asked.graceSeconds()).isEqualTo(30);
        });
        assertThat(node("n0").drained()).isFalse();
        play.stopped().decide();
        assertThat(runs(job)).isTrue();
        assertThat(job.gangs().getFirst().workers().getFirst().nodeId())
                .isEqualTo(node("n1").id());
        assertThat(job.gangs().getFirst().failures()).isZero();
        assertThat(node("n0").drained()).isTrue();
    }

    @Test
    void theOperatorsGraceGoesBeforeTheJobs() {
        play.nodes(1).queue("team", "", 1);
        play.submit(Work.of("team", 4));
        play.decide().drain("n0", 5).decide();
        assertThat(asked()).extracting(JobEvent.GangStopping::graceSeconds).containsExactly(5L);
    }

    @Test
    void aGangMayFinishItsLeastRunTime() {
        play.nodes(1).queue("team", "", 1);
        JobState job = play.submit(Work.of("team", 4).preemption(Policy.ANYTIME, 600, 30));
        play.decide().drain("n0", -1).pass(300).decide();
        assertThat(stops(job)).isFalse();
        assertThat(play.scheduler.nextRoundMicros()).isLessThan(Long.MAX_VALUE);
        play.pass(300).decide();
        assertThat(stops(job)).isTrue();
    }

    @Test
    void whatIsNeverToBeEvictedEndsByItself() {
        play.nodes(1).queue("team", "", 1);
        JobState job = play.submit(Work.of("team", 4).preemption(Policy.NEVER, 0, 30));
        play.decide().drain("n0", -1).pass(100_000).decide();
        assertThat(stops(job)).isFalse();
        play.complete(job).decide();
        assertThat(node("n0").drained()).isTrue();
    }

    @Test
    void replicasLeaveWithinTheirBudget() {
        play.nodes(1).queue("team", "", 1);
        JobState job = play.submit(Work.of("team", 2).serving(3));
        play.decide().nodes(1, 1).drain("n0", -1).decide();
        assertThat(stopping(job)).isEqualTo(1);
        play.decide();
        assertThat(stopping(job)).isEqualTo(1);
        play.stopped().decide();
        assertThat(stopping(job)).isEqualTo(1);
        play.stopped().decide().stopped().decide();
        assertThat(runs(job)).isTrue();
        assertThat(node("n0").drained()).isTrue();
        assertThat(asked()).hasSize(3);
    }

    @Test
    void anElasticGangShrinksOffIt() {
        play.nodes(2).queue("team", "", 1);
        JobState job =
                play.submit(Work.of("team", 4).workers(new WorkerCount(2, 4, 1)).elastic());
        play.decide();
        assertThat(workers(job)).isEqualTo(4);
        play.drain("n0", -1).decide();
        assertThat(asked()).extracting(JobEvent.GangStopping::cause).containsExactly(StopCause.RESIZED);
        play.stopped().decide();
        assertThat(workers(job)).isEqualTo(2);
        assertThat(node("n0").drained()).isTrue();
        play.uncordon("n0").pass(10_000).decide().stopped().decide();
        assertThat(workers(job)).isEqualTo(4);
    }

    @Test
    void aPlaceThatWasKeptThereIsMadeAnewElsewhere() {
        play.nodes(2).queue("team", "", 1);
        play.submit(2, Work.of("team", 6).preemption(Policy.NEVER, 0, 0).lasting(1_000));
        play.decide();
        JobState waits = play.submit(Work.of("team", 8));
        play.decide();
        long kept = keptOn(waits);
        NodeState left = Objects.requireNonNull(play.state.nodes().find(kept));
        play.drain(left.name().substring(2), -1).decide();
        assertThat(keptOn(waits)).isNotEqualTo(kept);
    }

    @Test
    void aLiftedCordonEndsIt() {
        play.nodes(1).queue("team", "", 1);
        JobState job = play.submit(Work.of("team", 4).preemption(Policy.ANYTIME, 600, 30));
        play.decide().drain("n0", -1).uncordon("n0").pass(1_000).decide();
        assertThat(stops(job)).isFalse();
        assertThat(runs(play.submit(Work.of("team", 1)))).isFalse();
        play.decide();
        assertThat(play.state.jobs().all()).allMatch(Play::runs);
    }

    @Test
    void whatRunsOnADrainingDeviceLeavesItAndNobodyElseDoes() {
        play.nodes(1).queue("team", "", 1);
        JobState leaves = play.submit(Work.of("team", 4));
        JobState stays = play.submit(Work.of("team", 2));
        play.decide();
        long device = firstDevice(leaves);
        play.device("n0", device, Health.DRAINING).decide().decide();
        assertThat(asked()).singleElement().satisfies(asked -> {
            assertThat(asked.jobId()).isEqualTo(leaves.id());
            assertThat(asked.cause()).isEqualTo(StopCause.DRAINED);
        });
        play.nodes(1, 1).stopped().decide();
        assertThat(runs(leaves)).isTrue();
        assertThat(runs(stays)).isTrue();
        assertThat(leaves.gangs().getFirst().failures()).isZero();
        play.decide();
        assertThat(asked()).hasSize(1);
    }

    @Test
    void anElasticGangShrinksOffADrainingDevice() {
        play.nodes(2).queue("team", "", 1);
        JobState job =
                play.submit(Work.of("team", 4).workers(new WorkerCount(2, 4, 1)).elastic());
        play.decide();
        assertThat(workers(job)).isEqualTo(4);
        String node = Objects.requireNonNull(play.state.nodes().find(nodeOf(job)))
                .name()
                .substring(2);
        play.device(node, firstDevice(job), Health.DRAINING).decide();
        assertThat(asked()).extracting(JobEvent.GangStopping::cause).containsExactly(StopCause.RESIZED);
        play.stopped().decide();
        assertThat(workers(job)).isEqualTo(3);
    }

    @Test
    void aDeviceThatIsWellAgainDrainsNoMore() {
        play.nodes(1).queue("team", "", 1);
        JobState job = play.submit(Work.of("team", 4).preemption(Policy.ANYTIME, 600, 30));
        play.decide();
        long device = firstDevice(job);
        play.device("n0", device, Health.DRAINING).decide();
        play.device("n0", device, Health.HEALTHY).pass(1_000).decide();
        assertThat(stops(job)).isFalse();
    }

    private static long firstDevice(JobState job) {
        return job.gangs().getFirst().workers().getFirst().placement().devices().stream()
                .findFirst()
                .orElseThrow();
    }

    private static long nodeOf(JobState job) {
        return job.gangs().getFirst().workers().getFirst().nodeId();
    }

    private static long keptOn(JobState job) {
        return Objects.requireNonNull(job.gangs().getFirst().reservation())
                .workers()
                .getFirst()
                .nodeId();
    }

    private static long stopping(JobState job) {
        return job.gangs().stream()
                .filter(gang -> gang.phase() == GangPhase.STOPPING)
                .count();
    }

    private List<JobEvent.GangStopping> asked() {
        return play.decided.stream()
                .filter(JobEvent.GangStopping.class::isInstance)
                .map(JobEvent.GangStopping.class::cast)
                .toList();
    }

    private NodeState node(String name) {
        return Objects.requireNonNull(play.state.nodes().find("c/" + name));
    }
}
