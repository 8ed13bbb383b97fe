package dev.interposer.engine.plan;

import static dev.interposer.engine.plan.Play.limit;
import static dev.interposer.engine.plan.Play.running;
import static dev.interposer.engine.plan.Play.runs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.Partition;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.SecretReference;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.JobState;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A partition counts for queues as the part of the device that its slices are. */
class PartitionQuotaTest {
    private static final Partition EIGHTH = new Partition("1g", 10, 1, List.of(0, 1, 2, 3, 4, 5, 6));
    private static final Partition HALF = new Partition("3g", 40, 4, List.of(0, 4));
    private static final Partition WHOLE = new Partition("7g", 80, 8, List.of(0));

    private final Play play = new Play();

    @BeforeEach
    void theChipCanBeSplit() {
        play.apply(new SettingEvent.ClassApplied(splitInto(EIGHTH, HALF, WHOLE)));
        play.nodes(1);
    }

    @Test
    void aLimitOfDevicesHoldsForTheSumOfTheParts() {
        play.queue("team", "", 1, limit(1));
        List<JobState> halves = play.submit(3, part("team", "3g"));
        play.decide();
        assertThat(running(halves)).isEqualTo(2);
        assertThat(play.why(halves.getLast()).code()).isEqualTo(ReasonCode.QUEUE_LIMIT);
        assertThat(usedMilli(play.scheduler)).isEqualTo(1000);
        JobState eighth = play.submit(part("team", "1g"));
        play.complete(halves.getFirst()).decide();
        assertThat(runs(halves.getLast())).isTrue();
        play.complete(halves.get(1)).decide();
        assertThat(runs(eighth)).isTrue();
        assertThat(usedMilli(play.scheduler)).isEqualTo(625);
    }

    @Test
    void aBoundOnAUserCountsParts() {
        play.queue(new JobQueue("team", "", Map.of(), 1, List.of(), 1, 0, 0, QueueState.OPEN));
        List<JobState> eighths = play.submit(10, part("team", "1g"));
        play.decide();
        assertThat(running(eighths)).isEqualTo(8);
    }

    @Test
    void anotherTableIsCountedAnew() {
        play.queue("team", "", 1, limit(4));
        play.submit(2, part("team", "3g"));
        play.decide();
        play.apply(new SettingEvent.ClassApplied(splitInto(EIGHTH, HALF)));
        play.submit(part("team", "1g"));
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
        List<JobState> halves = play.submit(3, part("team", "3g"));
        List<JobState> eighths = play.submit(5, part("team", "1g"));
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

    private static AcceleratorClass splitInto(Partition... partitions) {
        AcceleratorClass chip = AcceleratorClass.of("chip", "maker");
        return new AcceleratorClass(
                chip.name(),
                chip.supplierName(),
                chip.chipFamily(),
                chip.match(),
                80,
                chip.throughput(),
                chip.supply(),
                chip.ladder(),
                chip.wholeLevel(),
                List.of(partitions),
                "",
                SecretReference.NONE);
    }

    private static Work part(String queue, String partition) {
        AcceleratorRequest asked = new AcceleratorRequest("chip", null, 1, AcceleratorRequest.WHOLE, partition);
        Role role = new Role("worker", WorkerCount.of(1), asked, Map.of(), Container.of("image", "run"));
        return Work.of(queue, 1).with(List.of(new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "")));
    }
}
