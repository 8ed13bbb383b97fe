package dev.interposer.engine.plan;

import static dev.interposer.engine.plan.Play.runs;
import static dev.interposer.engine.plan.Play.stops;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Preemption.Policy;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.JobState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who is let in on a place that is kept for another, and how it leaves. */
class GuestTest {
    private final Play play = new Play();
    private final List<JobState> others = new ArrayList<>();

    @Test
    void nobodyIsTheGuestOfOneOfLowerPriority() {
        play.nodes(1).queue("team", "", 1);
        List<JobState> low = play.submit(4, Work.of("team", 1).priority(-10).preemption(Policy.ANYTIME, 0, 600));
        play.decide();
        JobState mid = play.submit(Work.of("team", 8).priority(10));
        play.decide();
        assertThat(low).allMatch(Play::stops);
        JobState top = play.pass(10).submit(Work.of("team", 4).priority(100));
        play.decide();
        assertThat(runs(top)).isFalse();
        assertThat(play.why(top).code()).isEqualTo(ReasonCode.RESERVED);
        play.pass(575).decide();
        assertThat(stops(top)).isFalse();
        // What others left for is used; then the usual rule gets room for the higher band.
        play.stopped().decide();
        assertThat(stops(mid)).isTrue();
        play.stopped().decide();
        assertThat(runs(top)).isTrue();
    }

    @Test
    void replicasAreNoGuestsSinceTheirBudgetMayForbidThatTheyLeave() {
        JobState large = waitingForEight(10, 10_000);
        JobState serving = play.submit(Work.of("team", 1).serving(4));
        play.decide();
        assertThat(runs(large)).isFalse();
        assertThat(serving.gangs()).noneMatch(gang -> gang.phase().holdsDevices());
        assertThat(play.why(serving).code()).isEqualTo(ReasonCode.RESERVED);
    }

    @Test
    void aGuestPutsAPlaceOffByNoMoreThanItsShortGrace() {
        JobState large = waitingForEight(10, 10_000);
        JobState slow = play.submit(Work.of("team", 1).preemption(Policy.ANYTIME, 0, 9_000));
        JobState settled = play.submit(Work.of("team", 1).preemption(Policy.ANYTIME, 600, 30));
        JobState guest = play.submit(Work.of("team", 1).preemption(Policy.ANYTIME, 30, 30));
        play.decide();
        assertThat(runs(slow) || runs(settled)).isFalse();
        assertThat(runs(guest)).isTrue();
        // All are gone long before anybody said.
        others.forEach(play::complete);
        play.decide();
        assertThat(stops(guest)).isFalse();
        play.pass(30).decide();
        assertThat(stops(guest)).isTrue();
        play.stopped().decide();
        assertThat(runs(large)).isTrue();
    }

    /** Nobody could tell that it came as a guest. */
    @Test
    void nobodyTakesOnlyWhatANodeHasBesideItsDevices() {
        play.nodes(1).queue("team", "", 1);
        JobState before =
                play.submit(Work.of("team", 4).with(List.of(asking(4, 32_000))).lasting(10_000));
        play.decide();
        JobState large = play.submit(Work.of("team", 8).with(List.of(asking(8, 64_000))));
        play.decide();
        JobState bare = play.submit(Work.of("team", 1).with(List.of(asking(0, 32_000))));
        play.decide();
        assertThat(runs(bare)).isFalse();
        play.complete(before).decide();
        assertThat(runs(large)).isTrue();
    }

    private static Profile asking(int devices, long cpu) {
        AcceleratorRequest chips = devices == 0 ? AcceleratorRequest.NONE : AcceleratorRequest.of("chip", devices);
        Role role = new Role("worker", WorkerCount.of(1), chips, Map.of("cpu", cpu), Container.of("image", "run"));
        return new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "");
    }

    /** A place of eight is kept; four of its devices are free, and work of such an estimate has the others. */
    private JobState waitingForEight(long freeAfter, long estimate) {
        play.nodes(1).queue("team", "", 1);
        List<JobState> soon = play.submit(4, Work.of("team", 1).lasting(freeAfter));
        others.addAll(play.submit(4, Work.of("team", 1).lasting(estimate)));
        play.decide();
        JobState large = play.submit(Work.of("team", 8));
        play.decide();
        soon.forEach(play::complete);
        play.decide();
        return large;
    }
}
