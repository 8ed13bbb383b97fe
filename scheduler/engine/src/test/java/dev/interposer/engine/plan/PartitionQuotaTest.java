package dev.interposer.engine.plan;

import static dev.interposer.engine.plan.Play.limit;
import static dev.interposer.engine.plan.Play.running;
import static dev.interposer.engine.plan.Play.runs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.state.JobState;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A partition counts for queues as the part of the device that its slices are. */
class PartitionQuotaTest {
    private final Play play = new Play();

    @BeforeEach
    void theChipCanBeSplit() {
        play.apply(new SettingEvent.ClassApplied(Split.into(Split.EIGHTH, Split.HALF, Split.WHOLE)));
        play.nodes(1);
    }

    @Test
    void aLimitOfDevicesHoldsForTheSumOfTheParts() {
        play.queue("team", "", 1, limit(1));
        List<JobState> halves = play.submit(3, Split.part("team", "3g"));
        play.decide();
        assertThat(running(halves)).isEqualTo(2);
        assertThat(play.why(halves.getLast()).code()).isEqualTo(ReasonCode.QUEUE_LIMIT);
        assertThat(usedMilli(play.scheduler)).isEqualTo(1000);
        JobState eighth = play.submit(Split.part("team", "1g"));
        play.complete(halves.getFirst()).decide();
        assertThat(runs(halves.getLast())).isTrue();
        play.complete(halves.get(1)).decide();
        assertThat(runs(eighth)).isTrue();
        assertThat(usedMilli(play.scheduler)).isEqualTo(625);
    }

    @Test
    void aBoundOnAUserCountsParts() {
        play.queue(new JobQueue("team", "", Map.of(), 1, List.of(), 1, 0, 0, QueueState.OPEN));
        List<JobState> eighths = play.submit(10, Split.part("team", "1g"));
        play.decide();
        assertThat(running(eighths)).isEqualTo(8);
    }

    @Test
    void anotherTableIsCountedAnew() {
        play.queue("team", "", 1, limit(4));
        play.submit(2, Split.part("team", "3g"));
        play.decide();
        play.apply(new SettingEvent.ClassApplied(Split.into(Split.EIGHTH, Split.HALF)));
        play.submit(Split.part("team", "1g"));
        play.decide();
        long used = usedMilli(play.scheduler);
        Scheduler rebuilt = Scheduler.following(play.state);
        assertThat(usedMilli(rebuilt)).isEqualTo(used).isEqualTo(1125);
    }

    /** A quarter of eight chips. */
    @Test
    void aCapOfAPolicyHoldsForTheSumOfTheParts() {
        play.queue("team", "", 1);
        play.cap("maker", 25);
        List<JobState> halves = play.submit(3, Split.part("team", "3g"));
        List<JobState> eighths = play.submit(5, Split.part("team", "1g"));
        play.decide();
        assertThat(running(halves)).isEqualTo(3);
        assertThat(running(eighths)).isEqualTo(4);
        Reason why = play.why(eighths.getLast());
        assertThat(why.code()).isEqualTo(ReasonCode.SOURCING_CAP);
        assertThat(why.parameters()).containsEntry("share", "25.0").containsEntry("missing", "0.125");
        play.complete(halves.getFirst()).decide();
        assertThat(runs(eighths.getLast())).isTrue();
    }

    private static long usedMilli(Scheduler scheduler) {
        return Objects.requireNonNull(scheduler.queues().find("team"))
                .limits()
                .getFirst()
                .usedMilli();
    }
}
