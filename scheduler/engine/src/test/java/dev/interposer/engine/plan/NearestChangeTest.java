package dev.interposer.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.nearest.ChangeKind;
import dev.interposer.engine.nearest.Image;
import dev.interposer.engine.nearest.NearestChange;
import dev.interposer.engine.nearest.NearestChange.Outcome;
import dev.interposer.engine.nearest.NearestSearch;
import dev.interposer.engine.nearest.Part;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.Snapshot;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** One scene for each kind of change, with what must be named. */
class NearestChangeTest {
    private final Play play = new Play();

    @Test
    void nothingIsNeededForWhatStartsNow() {
        play.nodes(1).queue(JobQueue.of("q"));
        JobState job = play.submit(Work.of("q", 8));

        NearestChange change = nearest(job);

        assertThat(change.outcome()).isEqualTo(Outcome.STARTS_NOW);
        assertThat(Objects.requireNonNull(change.place()).devices()).isEqualTo(8);
    }

    @Test
    void aClassThatIsFree() {
        play.chipClass("other", "another").nodes(1).node("m0", "other", 8).queue(JobQueue.of("q"));
        play.submit(Work.of("q", 8));
        play.decide();
        JobState waits = play.submit(Work.of("q", 4));

        NearestChange change = nearest(waits);

        assertOne(change, ChangeKind.OTHER_CLASS, Map.of("profile", "only", "class", "other"));
        assertThat(Objects.requireNonNull(change.place()).className()).isEqualTo("other");
        assertThat(change.place().nodes()).containsExactly("c/m0");
    }

    @Test
    void noMoreWorkersLessThanNeedBe() {
        play.nodes(2).queue(JobQueue.of("q"));
        play.submit(Work.of("q", 4));
        play.decide();
        JobState waits = play.submit(Work.of("q", 2).workers(WorkerCount.of(9)));

        assertOne(
                nearest(waits),
                ChangeKind.FEWER_WORKERS,
                Map.of("profile", "only", "role", "worker", "from", "9", "to", "6"));
    }

    @Test
    void theMissingDevicesOfALimit() {
        play.nodes(2).queue("q", "", 1, Play.limit(6));
        play.submit(Work.of("q", 4));
        play.decide();
        JobState waits = play.submit(Work.of("q", 5));

        assertOne(
                nearest(waits),
                ChangeKind.QUEUE_LIMIT,
                Map.of("queue", "q", "scope", "class chip", "from", "6", "to", "9", "by", "3"));
    }

    @Test
    void theLimitsOfTwoQueuesOfWhichBothAreNeeded() {
        play.nodes(2).queue("above", "", 1, Play.limit(4)).queue("q", "above", 1, Play.limit(3));
        JobState waits = play.submit(Work.of("q", 5));

        NearestChange change = nearest(waits);

        assertThat(change.outcome()).isEqualTo(Outcome.CHEAPEST);
        assertThat(change.parts())
                .extracting(part -> part.parameters().get("queue") + " by "
                        + part.parameters().get("by"))
                .containsExactlyInAnyOrder("above by 1", "q by 2");
        noneCanBeLeftOut(waits, change);
    }

    @Test
    void moreForAUser() {
        play.nodes(2).queue(new JobQueue("q", "", Map.of(), 1, List.of(), 6, 1, 0, QueueState.OPEN));
        play.submit(Work.of("q", 4));
        play.decide();
        JobState waits = play.submit(Work.of("q", 3));

        NearestChange change = nearest(waits);

        assertThat(change.parts())
                .extracting(Part::kind)
                .containsExactlyInAnyOrder(ChangeKind.USER_DEVICES, ChangeKind.USER_JOBS);
        assertThat(change.parts()).allMatch(part -> "1".equals(part.parameters().get("by")));
    }

    @Test
    void aQueueThatIsHeld() {
        play.nodes(1).queue(new JobQueue("q", "", Map.of(), 1, List.of(), 0, 0, 0, QueueState.HOLD));

        assertOne(nearest(play.submit(Work.of("q", 1))), ChangeKind.OPEN_QUEUE, Map.of("queue", "q", "state", "HOLD"));
    }

    @Test
    void aNodeThatTakesNoWork() {
        play.nodes(1).queue(JobQueue.of("q"));
        NodeState node = play.state.nodes().all().iterator().next();
        play.apply(new FleetEvent.NodeCordoned(node.id(), true));

        assertOne(nearest(play.submit(Work.of("q", 8))), ChangeKind.UNCORDON, Map.of("node", "c/n0"));
    }

    @Test
    void aFleetThatPlacesNothing() {
        play.nodes(1).queue(JobQueue.of("q"));
        play.apply(new SettingEvent.PlacementHalted("restored"));

        JobState job = play.submit(Work.of("q", 8));

        assertThat(play.why(job)).isEqualTo(new Reason(ReasonCode.PLACEMENT_HALTED, Map.of("cause", "restored")));
        assertOne(nearest(job), ChangeKind.RESUME_PLACEMENT, Map.of("cause", "restored"));
    }

    @Test
    void whoEndsFirstOfThoseInTheWay() {
        play.nodes(2).queue(JobQueue.of("q"));
        JobState late = play.submit(Work.of("q", 8).lasting(7200));
        JobState soon = play.submit(Work.of("q", 8).lasting(3600));
        play.decide();
        assertThat(List.of(late, soon)).allMatch(Play::runs);

        NearestChange change = nearest(play.submit(Work.of("q", 8)));

        Part part = change.parts().getFirst();
        assertThat(change.parts()).hasSize(1);
        assertThat(part.kind()).isEqualTo(ChangeKind.END_OF_GANG);
        assertThat(part.parameters())
                .containsEntry("job", soon.fullName())
                .containsEntry("devices", "8")
                .containsEntry("class", "chip");
    }

    @Test
    void everybodyOnOneNodeAndNobodyElsewhere() {
        play.nodes(3).queue(JobQueue.of("q"));
        List<JobState> small = play.submit(12, Work.of("q", 2).lasting(3600));
        play.decide();
        assertThat(small).allMatch(Play::runs);
        JobState waits = play.submit(Work.of("q", 8));

        NearestChange change = nearest(waits);

        assertThat(change.outcome()).isEqualTo(Outcome.MINIMAL);
        assertThat(change.parts()).hasSize(4).allMatch(part -> part.kind() == ChangeKind.END_OF_GANG);
        assertThat(change.parts().stream()
                        .map(part -> part.parameters().get("nodes"))
                        .distinct())
                .hasSize(1);
        noneCanBeLeftOut(waits, change);
    }

    @Test
    void earlierWorkGoesFirstUnlessThePriorityIsHigher() {
        play.nodes(1).queue(JobQueue.of("q"));
        play.submit(Work.of("q", 6));
        play.decide();
        play.submit(Work.of("q", 2));
        JobState waits = play.submit(Work.of("q", 2));

        assertOne(nearest(waits), ChangeKind.HIGHER_PRIORITY, Map.of("from", "0", "to", "1"));
    }

    @Test
    void nothingIsPretendedToHelp() {
        play.nodes(1).queue(JobQueue.of("q"));

        NearestChange change = nearest(play.submit(Work.of("q", 9)));

        assertThat(change.outcome()).isEqualTo(Outcome.NONE);
        assertThat(change.parts()).isEmpty();
    }

    /** By the most it would let in somebody else first. */
    @Test
    void aLimitByWhatTheSmallerProfileAsksFor() {
        play.nodes(2)
                .queue("above", "", 1, Play.limit(4))
                .queue("a", "above", 1, Play.guarantee(6))
                .queue("b", "above", 1);
        play.submit(Work.of("a", 6));
        JobState waits = play.submit(Work.of("b", 8).or(Work.profile("smaller", "chip", WorkerCount.of(1), 5)));

        assertOne(
                nearest(waits),
                ChangeKind.QUEUE_LIMIT,
                Map.of("queue", "above", "scope", "class chip", "from", "4", "to", "5", "by", "1"));
    }

    @Test
    void twoPartsOfWhichOneIsDearerThanManyThatDoNotHelp() {
        play.chipClass("other", "another").nodes(15).node("m0", "other", 8).queue(JobQueue.of("q"));
        play.submit(30, Work.of("q", 4).lasting(3600));
        play.submit(Work.of("q", 8)
                .with(List.of(Work.profile("only", "other", WorkerCount.of(1), 8)))
                .lasting(9000));
        play.decide();
        JobState waits = play.submit(Work.of("q", 8));

        NearestChange change = nearest(waits);

        assertThat(change.outcome()).isEqualTo(Outcome.CHEAPEST);
        assertThat(change.cost()).as(change.toString()).isEqualTo(56);
        assertThat(change.parts())
                .extracting(Part::kind)
                .containsExactlyInAnyOrder(ChangeKind.OTHER_CLASS, ChangeKind.END_OF_GANG);
    }

    private NearestChange nearest(JobState job) {
        Object before = Snapshot.of(play.state);
        NearestChange change = NearestSearch.of(Image.of(play.state), job.id(), 0);
        assertThat(Snapshot.of(play.state)).isEqualTo(before);
        return change;
    }

    private void assertOne(NearestChange change, ChangeKind kind, Map<String, String> parameters) {
        assertThat(change.outcome()).as(change.toString()).isEqualTo(Outcome.CHEAPEST);
        assertThat(change.parts()).hasSize(1);
        assertThat(change.parts().getFirst().kind()).isEqualTo(kind);
        assertThat(change.parts().getFirst().parameters()).isEqualTo(parameters);
    }

    private void noneCanBeLeftOut(JobState job, NearestChange change) {
        assertThat(NearestCheck.of(Image.of(play.state), job.id(), change)).isEmpty();
    }
}
