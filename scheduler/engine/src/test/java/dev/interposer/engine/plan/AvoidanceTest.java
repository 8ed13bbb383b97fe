package dev.interposer.engine.plan;

import static dev.interposer.engine.plan.Play.runs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.Preemption.Policy;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.ReservationCause;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.State;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A gang stays off the nodes on which it failed, as long as there is another place. */
class AvoidanceTest {
    private final Play play = new Play().queue("team", "", 1);

    @Test
    void aGangThatFailedGoesToAnotherNode() {
        play.nodes(3);
        JobState job = play.submit(Work.of("team", 1));
        play.decide();
        assertThat(nodes(job)).containsExactly("c/n0");
        play.failed(job).decide();
        assertThat(nodes(job)).containsExactly("c/n1");
        play.failed(job).decide();
        assertThat(nodes(job)).containsExactly("c/n2");
    }

    @Test
    void withNoOtherPlaceItGoesBackAtOnce() {
        play.nodes(1);
        JobState job = play.submit(Work.of("team", 8));
        play.decide().failed(job).decide();
        assertThat(nodes(job)).containsExactly("c/n0");
    }

    @Test
    void anElasticGangRatherRunsSmaller() {
        play.nodes(2);
        JobState job =
                play.submit(Work.of("team", 8).workers(new WorkerCount(1, 2, 1)).elastic());
        play.decide();
        assertThat(nodes(job)).containsExactly("c/n0", "c/n1");
        play.failed(job).decide();
        assertThat(nodes(job)).containsExactly("c/n1");
        play.pass(100_000).decide();
        assertThat(nodes(job)).as("it does not grow onto the node either").containsExactly("c/n1");
    }

    @Test
    void othersAreAskedToLeaveElsewhere() {
        play.nodes(2).queue("low", "", 1);
        JobState job = play.submit(Work.of("team", 8).priority(10));
        play.decide();
        JobState elsewhere = play.submit(Work.of("low", 8).preemption(Policy.ANYTIME, 0, 30));
        play.decide().failed(job).queue(held(QueueState.HOLD));
        JobState there = play.submit(Work.of("low", 8).preemption(Policy.ANYTIME, 0, 30));
        play.decide();
        assertThat(nodes(there)).containsExactly("c/n0");
        // The younger of the two is the cheaper to ask.
        play.queue(held(QueueState.OPEN)).decide();
        assertThat(Play.stops(there)).isFalse();
        assertThat(Play.stops(elsewhere)).isTrue();
        play.stopped().decide();
        assertThat(nodes(job)).containsExactly("c/n1");
    }

    private static JobQueue held(QueueState state) {
        return new JobQueue("team", "", Map.of(), 1, List.of(), 0, 0, 0, state);
    }

    @Test
    void aPlaceIsKeptElsewhere() {
        play.nodes(2);
        JobState job = play.submit(Work.of("team", 8));
        play.decide();
        JobState soon = play.submit(Work.of("team", 8).lasting(9000));
        play.decide().failed(job);
        JobState sooner = play.submit(Work.of("team", 8).priority(5).lasting(60));
        play.decide();
        assertThat(nodes(sooner)).containsExactly("c/n0");
        assertThat(runs(soon)).isTrue();
        assertThat(play.decided)
                .filteredOn(event -> event instanceof JobEvent.GangReserved)
                .map(event -> (JobEvent.GangReserved) event)
                .anySatisfy(kept -> {
                    assertThat(kept.jobId()).isEqualTo(job.id());
                    assertThat(kept.cause()).isEqualTo(ReservationCause.LONGEST_WAIT);
                    assertThat(name(kept.workers().getFirst().nodeId())).isEqualTo("c/n1");
                });
    }

    @Test
    void theLatestFourAreKeptAndSurviveASnapshot() {
        play.nodes(6);
        JobState job = play.submit(Work.of("team", 1));
        play.decide();
        for (int attempt = 0; attempt < 5; attempt++) {
            play.failed(job).decide();
        }
        GangState gang = job.gangs().getFirst();
        assertThat(gang.avoidedNodes().stream().mapToObj(this::name)).containsExactly("c/n1", "c/n2", "c/n3", "c/n4");
        State copy = new State();
        Snapshot.of(play.state).forEach(copy::apply);
        JobState copied = Objects.requireNonNull(copy.jobs().find(job.id()));
        assertThat(copied.gangs().getFirst().avoidedNodes()).isEqualTo(gang.avoidedNodes());
        assertThat(nodes(job)).as("the first is forgotten").containsExactly("c/n0");
    }

    @Test
    void hidingANodeIsUndoneExactly() {
        play.nodes(2);
        JobState job = play.submit(Work.of("team", 3));
        play.decide().failed(job).decide();
        assertThat(new ArraysOf(play.state)
                        .same(
                                play.scheduler.fleet(),
                                Scheduler.following(play.state).fleet()))
                .isTrue();
    }

    private List<String> nodes(JobState job) {
        return job.gangs().getFirst().workers().stream()
                .map(worker -> name(worker.nodeId()))
                .toList();
    }

    private String name(long nodeId) {
        NodeState node = play.state.nodes().find(nodeId);
        return node == null ? "gone" : node.name();
    }
}
