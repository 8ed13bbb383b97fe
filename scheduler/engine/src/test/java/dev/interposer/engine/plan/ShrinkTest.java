package dev.interposer.engine.plan;

import static dev.interposer.engine.plan.Play.runs;
import static dev.interposer.engine.plan.Play.stops;
import static dev.interposer.engine.plan.Play.workers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.JobState;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Elastic gangs shrink before anybody is evicted, and no further than is needed. */
class ShrinkTest {
    private final Play play = new Play();

    @BeforeEach
    void aQueue() {
        play.nodes(1).queue("team", "", 1);
    }

    private JobState elastic(int priority, WorkerCount count) {
        JobState job = play.submit(Work.of("team", 1).workers(count).elastic().priority(priority));
        play.decide();
        return job;
    }

    private static @Nullable StopCause asked(JobState job) {
        return job.gangs().getFirst().stopCause();
    }

    @Test
    void anElasticGangShrinksBesideALowerOneThatLeaves() {
        JobState elastic = elastic(0, new WorkerCount(2, 6, 1));
        JobState rigid = play.submit(Work.of("team", 2).priority(-10));
        play.decide();
        JobState urgent = play.submit(Work.of("team", 5).priority(10));
        play.decide();
        assertThat(asked(elastic)).isEqualTo(StopCause.RESIZED);
        assertThat(asked(rigid)).isEqualTo(StopCause.PREEMPTED);
        play.stopped().decide();
        assertThat(runs(urgent)).isTrue();
        assertThat(workers(elastic)).isEqualTo(3);
    }

    @Test
    void aLowerElasticGangLeavesBeforeAHigherRigidOne() {
        JobState elastic = elastic(-10, new WorkerCount(2, 6, 1));
        JobState rigid = play.submit(Work.of("team", 2));
        play.decide();
        JobState urgent = play.submit(Work.of("team", 5).priority(10));
        play.decide();
        assertThat(asked(elastic)).isEqualTo(StopCause.PREEMPTED);
        assertThat(stops(rigid)).isFalse();
        play.stopped().decide();
        assertThat(runs(urgent)).isTrue();
    }

    @Test
    void ofTwoElasticGangsTheLowerOneLeavesAndTheHigherOneShrinks() {
        JobState high = elastic(0, new WorkerCount(2, 4, 1));
        JobState low = elastic(-10, new WorkerCount(2, 4, 1));
        JobState urgent = play.submit(Work.of("team", 5).priority(10));
        play.decide();
        assertThat(asked(low)).isEqualTo(StopCause.PREEMPTED);
        assertThat(asked(high)).isEqualTo(StopCause.RESIZED);
        play.stopped().decide();
        assertThat(runs(urgent)).isTrue();
        assertThat(workers(high)).isEqualTo(3);
    }

    @Test
    void aGangShrinksByAsFewStepsAsSuffice() {
        JobState elastic = elastic(0, new WorkerCount(2, 8, 2));
        assertThat(workers(elastic)).isEqualTo(8);
        JobState urgent = play.submit(Work.of("team", 1).priority(10));
        play.decide().stopped().decide();
        assertThat(runs(urgent)).isTrue();
        assertThat(workers(elastic)).isEqualTo(6);
        List<JobState> more = play.submit(2, Work.of("team", 2).priority(10));
        // One after the other: a gang that is being resized is not asked again.
        play.decide().stopped().decide().stopped().decide();
        assertThat(more).allMatch(Play::runs);
        assertThat(workers(elastic)).isEqualTo(2);
    }
}
