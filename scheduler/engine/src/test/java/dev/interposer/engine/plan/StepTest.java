package dev.interposer.engine.plan;

import static dev.interposer.engine.plan.Play.runs;
import static dev.interposer.engine.plan.Play.workers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.JobState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An elastic gang has its fewest workers and whole steps more: at a start, when it grows, when a node is drained. */
class StepTest {
    private static final WorkerCount TWO_FIVE_OR_EIGHT = new WorkerCount(2, 8, 3);

    private final Play play = new Play();

    @BeforeEach
    void queue() {
        play.queue("team", "", 1);
    }

    @Test
    void aStartTakesWholeSteps() {
        play.nodes(1);
        play.submit(Work.of("team", 1));
        play.decide();
        JobState elastic =
                play.submit(Work.of("team", 1).workers(TWO_FIVE_OR_EIGHT).elastic());
        play.decide();
        assertThat(runs(elastic)).isTrue();
        assertThat(workers(elastic)).isEqualTo(5);
    }

    @Test
    void itGrowsByWholeSteps() {
        play.nodes(1);
        play.submit(Work.of("team", 1));
        JobState large = play.submit(Work.of("team", 4));
        play.decide();
        JobState elastic =
                play.submit(Work.of("team", 1).workers(TWO_FIVE_OR_EIGHT).elastic());
        play.decide();
        assertThat(workers(elastic)).isEqualTo(2);
        play.complete(large).decide().stopped().decide();
        assertThat(workers(elastic)).isEqualTo(5);
    }

    @Test
    void itLeavesADrainingNodeByWholeSteps() {
        play.nodes(2);
        JobState elastic =
                play.submit(Work.of("team", 2).workers(TWO_FIVE_OR_EIGHT).elastic());
        play.decide();
        assertThat(workers(elastic)).isEqualTo(8);
        play.drain("n0", -1).decide().stopped().decide();
        assertThat(workers(elastic)).isEqualTo(2);
    }
}
