package dev.interposer.engine.plan;

import static dev.interposer.engine.plan.Play.runs;
import static dev.interposer.engine.plan.Play.stops;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Preemption.Policy;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.JobState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Work without devices gets room by eviction too. */
class BareEvictionTest {
    private final Play play = new Play().nodes(2).queue("team", "", 1);

    @Test
    void aHigherBandEvictsOtherWorkWithoutDevices() {
        JobState stays = play.submit(bare(64_000).preemption(Policy.NEVER, 0, 0));
        List<JobState> low = play.submit(4, bare(16_000).priority(-10));
        play.decide();
        JobState urgent = play.submit(bare(32_000).priority(10));
        play.decide();
        assertThat(low.stream().filter(Play::stops)).hasSize(2);
        // What they leave is kept.
        JobState later = play.submit(bare(16_000));
        play.stopped().decide();
        assertThat(runs(urgent) && runs(stays)).isTrue();
        assertThat(runs(later)).isFalse();
    }

    @Test
    void aHigherBandEvictsWorkThatHasDevices() {
        JobState stays = play.submit(bare(64_000).preemption(Policy.NEVER, 0, 0));
        JobState low =
                play.submit(asking(AcceleratorRequest.of("chip", 1), 48_000).priority(-10));
        play.decide();
        JobState urgent = play.submit(bare(32_000).priority(10));
        play.decide();
        assertThat(stops(low)).isTrue();
        play.stopped().decide();
        assertThat(runs(urgent) && runs(stays)).isTrue();
    }

    @Test
    void nobodyIsEvictedForOneOfItsOwnBand() {
        List<JobState> equal = play.submit(2, bare(64_000));
        play.decide();
        play.submit(bare(32_000));
        play.decide();
        assertThat(equal).noneMatch(Play::stops);
    }

    private static Work bare(long cpu) {
        return asking(AcceleratorRequest.NONE, cpu);
    }

    private static Work asking(AcceleratorRequest chips, long cpu) {
        Role role = new Role("worker", WorkerCount.of(1), chips, Map.of("cpu", cpu), Container.of("image", "run"));
        return Work.of("team", 1).with(List.of(new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "")));
    }
}
