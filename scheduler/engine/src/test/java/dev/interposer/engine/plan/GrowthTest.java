package dev.interposer.engine.plan;

import static dev.interposer.engine.plan.Play.workers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.JobState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whose waiting keeps an elastic gang from growing. */
class GrowthTest {
    private final Play play = new Play();

    /** Four of six workers, beside four chips of another. */
    private JobState elastic(JobState[] other) {
        play.nodes(1).queue("team", "", 1);
        other[0] = play.submit(Work.of("team", 4));
        play.decide();
        JobState elastic =
                play.submit(Work.of("team", 1).workers(new WorkerCount(2, 6, 1)).elastic());
        play.decide();
        assertThat(workers(elastic)).isEqualTo(4);
        return elastic;
    }

    @Test
    void whoWaitsInAQueueThatIsHeldHoldsNobodyBack() {
        JobState[] other = new JobState[1];
        JobState elastic = elastic(other);
        play.queue(new JobQueue("held", "", Map.of(), 1, List.of(), 0, 0, 0, QueueState.HOLD));
        play.submit(Work.of("held", 1));
        play.complete(other[0]).decide().stopped().decide();
        assertThat(workers(elastic)).isEqualTo(6);
    }

    @Test
    void whoIsAboveABoundOnItsUserHoldsNobodyElseBack() {
        JobState[] other = new JobState[1];
        JobState elastic = elastic(other);
        play.queue(new JobQueue("bounded", "", Map.of(), 1, List.of(), 2, 0, 0, QueueState.OPEN));
        play.submit(Work.of("bounded", 4).by("bob"));
        play.complete(other[0]).decide().stopped().decide();
        assertThat(workers(elastic)).isEqualTo(6);
    }

    @Test
    void whoIsAboveABoundHoldsItsOwnGangsBack() {
        JobState[] other = new JobState[1];
        JobState elastic = elastic(other);
        play.queue(new JobQueue("bounded", "", Map.of(), 1, List.of(), 2, 0, 0, QueueState.OPEN));
        play.submit(Work.of("bounded", 4).by("ada"));
        play.complete(other[0]).decide().stopped().decide();
        assertThat(workers(elastic)).isEqualTo(4);
    }
}
