package dev.interposer.engine.plan;

import static dev.interposer.engine.plan.Play.runs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.state.JobState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A queue that is held or drains, or one above it, starts nothing of what it has; what runs goes on. */
class QueueStateTest {
    private final Play play = new Play();

    @ParameterizedTest
    @EnumSource(
            value = QueueState.class,
            names = {"HOLD", "DRAIN"})
    void whatItAcceptedWaitsUntilItIsOpenAgain(QueueState closed) {
        play.nodes(1).queue("above", "", 1).queue("team", "above", 1);
        JobState earlier = play.submit(Work.of("team", 2));
        play.decide();
        JobState accepted = play.submit(Work.of("team", 2));

        play.queue(above(closed)).decide().pass(100_000).decide();

        assertThat(runs(earlier)).isTrue();
        assertThat(runs(accepted)).isFalse();
        assertThat(play.why(accepted).code()).isEqualTo(ReasonCode.QUEUE_HELD);
        assertThat(play.why(accepted).parameters())
                .containsEntry("queue", "above")
                .containsEntry("state", closed.name());
        play.queue(above(QueueState.OPEN)).decide();
        assertThat(runs(accepted)).isTrue();
    }

    private static JobQueue above(QueueState state) {
        return new JobQueue("above", "", Map.of(), 1, List.of(), 0, 0, 0, state);
    }
}
