package dev.interposer.engine.plan;

import static dev.interposer.engine.plan.Play.running;
import static dev.interposer.engine.plan.Play.runs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.state.JobState;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** For whom a place is kept because it has waited longest. */
class LongestWaitTest {
    private final Play play = new Play();

    @Test
    void aChipInOnePartIsNotPassedBySmallPartsForEver() {
        play.apply(new SettingEvent.ClassApplied(Split.into(Split.EIGHTH, Split.HALF, Split.WHOLE)));
        play.node("n", "chip", 1);
        notPassed(Split.part("team", "7g"), Split.part("team", "1g"), 7);
    }

    @Test
    void aLargeShareIsNotPassedBySmallOnesForEver() {
        play.node("n", "chip", 1);
        notPassed(Split.share("team", 900), Split.share("team", 200), 5);
    }

    /** A node has 64 cores. */
    @Test
    void aChipWithManyCoresIsNotPassedByChipsWithFewForEver() {
        play.nodes(1);
        notPassed(
                Work.of("team", 1).asking(Map.of("cpu", 32_000L)),
                Work.of("team", 1).asking(Map.of("cpu", 8_000L)),
                8);
    }

    private void notPassed(Work large, Work small, int full) {
        play.queue("team", "", 1);
        List<JobState> running = play.submit(full, small);
        play.decide();
        assertThat(running(running)).isEqualTo(full);
        JobState waits = play.submit(large);
        play.decide();
        assertThat(waits.gangs().getFirst().reservation()).isNotNull();
        for (JobState job : running) {
            play.submit(small);
            play.complete(job).decide();
        }
        assertThat(runs(waits)).isTrue();
    }

    @Test
    void aWholeChipNeedsNoPlace() {
        play.nodes(1).queue("team", "", 1);
        play.submit(8, Work.of("team", 1));
        play.decide();
        JobState job = play.submit(Work.of("team", 1));
        play.decide();
        assertThat(job.gangs().getFirst().reservation()).isNull();
    }

    @Test
    void thePlaceGoesToTheOneThatWaitsLongestWhateverItsQueueHasUsed() {
        play.nodes(1).queue("a", "", 1).queue("b", "", 1);
        List<JobState> small = play.submit(8, Work.of("a", 1));
        play.decide();
        JobState old = play.submit(Work.of("a", 8));
        play.pass(3600);
        JobState young = play.submit(Work.of("b", 8));
        play.decide();
        assertThat(kept(old)).isNotNull();
        assertThat(kept(young)).isNull();
        small.forEach(play::complete);
        play.decide();
        assertThat(runs(old)).isTrue();
    }

    @Test
    void whoMayNotStartIsPassedOver() {
        play.nodes(1).queue("a", "", 1).queue("b", "", 1, Play.limit(4)).queue("c", "", 1);
        play.queue(new JobQueue("held", "", Map.of(), 1, List.of(), 0, 0, 0, QueueState.HOLD));
        play.submit(8, Work.of("a", 1));
        play.decide();
        JobState held = play.submit(Work.of("held", 8));
        JobState tooLarge = play.submit(Work.of("b", 8));
        JobState last = play.submit(Work.of("c", 8));
        play.decide();
        assertThat(kept(held)).isNull();
        assertThat(kept(tooLarge)).isNull();
        assertThat(kept(last)).isNotNull();
    }

    private static @Nullable Reservation kept(JobState job) {
        return job.gangs().getFirst().reservation();
    }
}
