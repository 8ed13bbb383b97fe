package dev.interposer.engine.plan;

import static dev.interposer.engine.plan.Play.guarantee;
import static dev.interposer.engine.plan.Play.limit;
import static dev.interposer.engine.plan.Play.running;
import static dev.interposer.engine.plan.Play.runs;
import static dev.interposer.engine.plan.Play.stops;
import static dev.interposer.engine.plan.Play.workers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.explain.Explanation;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.JobQueue.ScopeKind;
import dev.interposer.engine.model.Preemption.Policy;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.JobState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The order of the rules when they collide, from the first to the last. */
class PrecedenceTest {
    private final Play play = new Play();

    // ---- limits, at the start

    @Test
    void aQueueNeverExceedsItsLimit() {
        play.nodes(2).queue("team", "", 1, limit(5));
        List<JobState> jobs = play.submit(8, Work.of("team", 1));
        play.decide();
        assertThat(running(jobs)).isEqualTo(5);
        assertThat(play.why(jobs.getLast()).code()).isEqualTo(ReasonCode.QUEUE_LIMIT);
        assertThat(play.why(jobs.getLast()).parameters())
                .containsEntry("limit", "5")
                .containsEntry("used", "5")
                .containsEntry("needed", "1");
    }

    @Test
    void aLimitAboveHoldsForAllBelow() {
        play.nodes(2).queue("lab", "", 1, limit(6)).queue("a", "lab", 1).queue("b", "lab", 1);
        List<JobState> a = play.submit(5, Work.of("a", 1));
        List<JobState> b = play.submit(5, Work.of("b", 1));
        play.decide();
        assertThat(running(a) + running(b)).isEqualTo(6);
        assertThat(running(a)).isEqualTo(3);
    }

    @Test
    void whatIsGivenBackUnderALimitStartsTheNext() {
        play.nodes(1).queue("team", "", 1, limit(2));
        List<JobState> jobs = play.submit(3, Work.of("team", 1));
        play.decide();
        play.complete(jobs.getFirst()).decide();
        assertThat(runs(jobs.getLast())).isTrue();
    }

    @Test
    void aLoweredLimitStopsNothing() {
        play.nodes(1).queue("team", "", 1, limit(8));
        List<JobState> jobs = play.submit(4, Work.of("team", 1));
        play.decide();
        play.queue("team", "", 1, limit(2)).decide();
        assertThat(running(jobs)).isEqualTo(4);
    }

    @Test
    void borrowingEndsAtItsLimit() {
        play.nodes(2).queue("team", "", 1, new Quota(ScopeKind.CLASS, "chip", 2, -1, 3, -1));
        List<JobState> jobs = play.submit(8, Work.of("team", 1));
        play.decide();
        assertThat(running(jobs)).isEqualTo(5);
        assertThat(play.why(jobs.getLast()).code()).isEqualTo(ReasonCode.BORROW_LIMIT);
    }

    @Test
    void whatAQueueDoesNotLendStaysFree() {
        play.nodes(2)
                .queue("a", "", 1, new Quota(ScopeKind.CLASS, "chip", 8, -1, -1, 6))
                .queue("b", "", 1);
        List<JobState> borrowers = play.submit(16, Work.of("b", 1));
        play.decide();
        assertThat(running(borrowers)).isEqualTo(14);
        assertThat(play.why(borrowers.getLast()).code()).isEqualTo(ReasonCode.WITHHELD);
        List<JobState> owners = play.submit(2, Work.of("a", 1));
        play.decide();
        assertThat(running(owners)).isEqualTo(2);
    }

    @Test
    void everythingIsCountedInReferenceDevicesAndOneScopeByItsOwn() {
        play.nodes(1).chipClass("other", "second").node("o", "other", 8);
        play.queue(
                "team",
                "",
                1,
                new Quota(ScopeKind.ALL, "", -1, 6, -1, -1),
                new Quota(ScopeKind.SUPPLIER, "second", -1, 2, -1, -1));
        List<JobState> others =
                play.submit(4, Work.of("team", 1).with(List.of(Work.profile("o", "other", WorkerCount.of(1), 1))));
        List<JobState> chips = play.submit(8, Work.of("team", 1));
        play.decide();
        assertThat(running(others)).isEqualTo(2);
        assertThat(running(chips)).isEqualTo(4);
    }

    @Test
    void aLimitOnAFamilyHoldsForItsClassesTogether() {
        play.family("h1", "hopper")
                .family("h2", "hopper")
                .node("a", "h1", 8)
                .node("b", "h2", 8)
                .nodes(1);
        play.queue("team", "", 1, new Quota(ScopeKind.CHIP_FAMILY, "hopper", -1, 5, -1, -1));
        WorkerCount one = WorkerCount.of(1);
        List<JobState> hopper = play.submit(4, Work.of("team", 1).with(List.of(Work.profile("p", "h1", one, 1))));
        hopper.addAll(play.submit(4, Work.of("team", 1).with(List.of(Work.profile("p", "h2", one, 1)))));
        List<JobState> chips = play.submit(4, Work.of("team", 1));
        play.decide();
        assertThat(running(hopper)).isEqualTo(5);
        assertThat(running(chips)).isEqualTo(4);
        assertThat(play.why(hopper.getLast()).parameters())
                .containsEntry("scope", "family hopper")
                .containsEntry("missing", "1");
    }

    @Test
    void usersAreBoundedInDevicesAndJobs() {
        play.nodes(2).queue(new JobQueue("team", "", Map.of(), 1, List.of(), 4, 3, 0, QueueState.OPEN));
        List<JobState> ada = play.submit(4, Work.of("team", 2).by("ada"));
        List<JobState> bob = play.submit(4, Work.of("team", 1).by("bob"));
        play.decide();
        assertThat(running(ada)).isEqualTo(2);
        assertThat(play.why(ada.getLast()).code()).isEqualTo(ReasonCode.USER_DEVICES);
        assertThat(running(bob)).isEqualTo(3);
        assertThat(play.why(bob.getLast()).code()).isEqualTo(ReasonCode.USER_JOBS);
        play.complete(bob.getFirst()).decide();
        assertThat(running(bob.subList(1, 4))).isEqualTo(3);
    }

    @Test
    void aQueueBelowOneThatIsHeldStartsNothing() {
        play.nodes(1)
                .queue(new JobQueue("lab", "", Map.of(), 1, List.of(), 0, 0, 0, QueueState.HOLD))
                .queue("a", "lab", 1);
        JobState job = play.submit(Work.of("a", 1));
        play.decide();
        assertThat(runs(job)).isFalse();
        assertThat(play.why(job).parameters()).containsEntry("queue", "lab").containsEntry("state", "HOLD");
        play.queue("lab", "", 1).decide();
        assertThat(runs(job)).isTrue();
    }

    // ---- guarantees, bands, shares

    @Test
    void whatIsGuaranteedGoesBeforeAHigherBandThatBorrows() {
        play.nodes(1).queue("a", "", 1, guarantee(4)).queue("b", "", 1);
        List<JobState> urgent = play.submit(8, Work.of("b", 1).priority(100));
        List<JobState> owed = play.submit(4, Work.of("a", 1));
        play.decide();
        assertThat(running(owed)).isEqualTo(4);
        assertThat(running(urgent)).isEqualTo(4);
    }

    @Test
    void aHigherBandGoesFirstWhateverTheShares() {
        play.nodes(1).queue("a", "", 1).queue("b", "", 1);
        play.submit(4, Work.of("a", 1).priority(10));
        play.decide();
        List<JobState> low = play.submit(4, Work.of("b", 1));
        List<JobState> high = play.submit(4, Work.of("a", 1).priority(10));
        play.decide();
        assertThat(running(high)).isEqualTo(4);
        assertThat(running(low)).isZero();
    }

    @Test
    void insideABandQueuesShareByWeight() {
        play.nodes(2).queue("a", "", 3).queue("b", "", 1);
        List<JobState> a = play.submit(16, Work.of("a", 1));
        List<JobState> b = play.submit(16, Work.of("b", 1));
        play.decide();
        assertThat(running(a)).isEqualTo(12);
        assertThat(running(b)).isEqualTo(4);
    }

    @Test
    void sharesAreHierarchical() {
        play.nodes(2)
                .queue("one", "", 1)
                .queue("two", "", 1)
                .queue("two-a", "two", 1)
                .queue("two-b", "two", 1);
        List<JobState> one = play.submit(16, Work.of("one", 1));
        List<JobState> a = play.submit(16, Work.of("two-a", 1));
        List<JobState> b = play.submit(16, Work.of("two-b", 1));
        play.decide();
        assertThat(running(one)).isEqualTo(8);
        assertThat(running(a)).isEqualTo(4);
        assertThat(running(b)).isEqualTo(4);
    }

    @Test
    void whatAQueueHasUsedOfLateCounts() {
        play.nodes(1).queue("a", "", 1).queue("b", "", 1);
        play.apply(new SettingEvent.ChargesPublished(1, Map.of("a", 100_000L)));
        List<JobState> a = play.submit(8, Work.of("a", 1));
        List<JobState> b = play.submit(8, Work.of("b", 1));
        play.decide();
        assertThat(running(b)).isEqualTo(8);
        assertThat(running(a)).isZero();
    }

    // ---- eviction

    @Test
    void aHigherBandEvictsTheLowestThatSuffice() {
        play.nodes(1).queue("team", "", 1);
        List<JobState> low = play.submit(4, Work.of("team", 1));
        List<JobState> lowest = play.submit(4, Work.of("team", 1).priority(-10));
        play.decide();
        JobState urgent = play.submit(Work.of("team", 3).priority(10));
        play.decide();
        assertThat(lowest.stream().filter(Play::stops)).hasSize(3);
        assertThat(low).noneMatch(Play::stops);
        assertThat(play.why(urgent).code()).isEqualTo(ReasonCode.AWAITING_EVICTION);
        play.stopped().decide();
        assertThat(runs(urgent)).isTrue();
    }

    @Test
    void whatIsKeptForAGangIsNotInItsOwnWay() {
        play.nodes(1).queue("team", "", 1);
        play.submit(Work.of("team", 3).preemption(Policy.NEVER, 0, 0));
        JobState ends = play.submit(Work.of("team", 2).preemption(Policy.NEVER, 0, 0));
        JobState leaves = play.submit(Work.of("team", 2).priority(-10));
        play.decide();
        JobState urgent = play.submit(Work.of("team", 3).priority(10));
        play.decide();
        assertThat(stops(leaves)).isTrue();
        assertThat(urgent.gangs().getFirst().reservation()).isNotNull();
        // One chip of the kept place is free, and now two more beside it.
        play.complete(ends).decide();
        assertThat(runs(urgent)).isTrue();
        assertThat(stops(leaves)).isTrue();
    }

    @Test
    void nobodyIsEvictedForOneOfItsOwnBandOrALowerOne() {
        play.nodes(1).queue("team", "", 1);
        play.submit(8, Work.of("team", 1));
        play.decide();
        play.submit(Work.of("team", 1));
        play.submit(Work.of("team", 1).priority(-5));
        play.decide();
        assertThat(play.decided).noneMatch(JobEvent.GangStopping.class::isInstance);
    }

    @Test
    void aJobsOwnWordCounts() {
        play.nodes(1).queue("team", "", 1);
        JobState never = play.submit(Work.of("team", 4).preemption(Policy.NEVER, 0, 30));
        JobState young = play.submit(Work.of("team", 4).preemption(Policy.ANYTIME, 600, 30));
        play.decide();
        JobState urgent = play.submit(Work.of("team", 4).priority(10));
        play.decide();
        assertThat(stops(never) || stops(young)).isFalse();
        play.pass(600).decide();
        assertThat(stops(young)).isTrue();
        assertThat(stops(never)).isFalse();
        play.stopped().decide();
        assertThat(runs(urgent)).isTrue();
    }

    @Test
    void whoLosesLeastWorkIsAskedFirst() {
        play.nodes(1).queue("team", "", 1);
        JobState withoutCheckpoint = play.submit(Work.of("team", 4));
        JobState withCheckpoint = play.submit(Work.of("team", 4).savingIn(60));
        play.decide().pass(36_000);
        JobState urgent = play.submit(Work.of("team", 4).priority(10));
        play.decide();
        assertThat(stops(withCheckpoint)).isTrue();
        assertThat(stops(withoutCheckpoint)).isFalse();
        play.stopped().decide();
        assertThat(runs(urgent)).isTrue();
    }

    @Test
    void noMoreReplicasAreDownAtOnceThanTheJobAllows() {
        play.nodes(1).queue("team", "", 1);
        JobState serving = play.submit(Work.of("team", 2).serving(4));
        play.decide();
        JobState large = play.submit(Work.of("team", 4).priority(10));
        play.decide();
        assertThat(stops(serving)).isFalse();
        JobState small = play.submit(Work.of("team", 2).priority(20));
        play.decide();
        assertThat(serving.gangs().stream().filter(gang -> gang.stopCause() != null))
                .hasSize(1);
        play.stopped().decide();
        assertThat(runs(small)).isTrue();
        assertThat(runs(large)).isFalse();
    }

    /** Twelve chips of one maker at most: what is cleared for one is not given away under the cap meanwhile. */
    @Test
    void whoeverLeavesUnderACapLeavesForSomebody() {
        play.nodes(1).chipClass("twin", "maker").node("t", "twin", 8).chipClass("other", "second");
        play.node("o", "other", 8).queue("team", "", 1).cap("maker", 50);
        WorkerCount one = WorkerCount.of(1);
        JobState low = play.submit(Work.of("team", 1).priority(-10));
        play.submit(Work.of("team", 3).with(List.of(Work.profile("p", "twin", one, 3))));
        play.decide();
        JobState urgent = play.submit(Work.of("team", 8).priority(10));
        play.decide();
        assertThat(stops(low)).isTrue();
        JobState meanwhile = play.submit(Work.of("team", 5).with(List.of(Work.profile("p", "twin", one, 5))));
        play.decide();
        assertThat(runs(meanwhile)).isFalse();
        assertThat(play.why(meanwhile).code()).isEqualTo(ReasonCode.SOURCING_CAP);
        play.stopped().decide();
        assertThat(runs(urgent)).isTrue();
        assertThat(runs(meanwhile)).isFalse();
        play.complete(urgent).decide();
        assertThat(runs(meanwhile)).isTrue();
    }

    @Test
    void aGuaranteeTakesBackWhatWasBorrowed() {
        play.nodes(1).queue("a", "", 1, guarantee(4)).queue("b", "", 1, guarantee(4));
        List<JobState> borrowers = play.submit(8, Work.of("b", 1));
        play.decide();
        assertThat(running(borrowers)).isEqualTo(8);
        List<JobState> owners = play.submit(6, Work.of("a", 1));
        play.decide().stopped().decide();
        assertThat(running(owners)).isEqualTo(4);
        assertThat(running(borrowers)).isEqualTo(4);
        play.decide();
        assertThat(running(owners)).isEqualTo(4);
    }

    @Test
    void aGuaranteeIsNoReasonToEvictAHigherBand() {
        play.nodes(1).queue("a", "", 1, guarantee(4)).queue("b", "", 1);
        List<JobState> higher = play.submit(8, Work.of("b", 1).priority(10));
        play.decide();
        play.submit(4, Work.of("a", 1));
        play.decide();
        assertThat(higher).noneMatch(Play::stops);
    }

    @Test
    void aHigherBandOfAnotherQueueTakesOnlyWhatIsBorrowed() {
        play.nodes(1).queue("a", "", 1, guarantee(6)).queue("b", "", 1);
        List<JobState> owners = play.submit(8, Work.of("a", 1));
        play.decide();
        play.submit(4, Work.of("b", 1).priority(10));
        play.decide();
        assertThat(owners.stream().filter(Play::stops)).hasSize(2);
    }

    @Test
    void anElasticGangShrinksBeforeAnybodyIsEvicted() {
        play.nodes(1).queue("team", "", 1);
        JobState elastic =
                play.submit(Work.of("team", 1).workers(new WorkerCount(2, 6, 1)).elastic());
        JobState rigid = play.submit(Work.of("team", 2).priority(-5));
        play.decide();
        assertThat(workers(elastic)).isEqualTo(6);
        JobState urgent = play.submit(Work.of("team", 4).priority(10));
        play.decide();
        assertThat(stops(rigid)).isFalse();
        play.stopped().decide();
        assertThat(workers(elastic)).isEqualTo(2);
        assertThat(runs(urgent) && runs(rigid)).isTrue();
    }

    private JobState elasticFromTwoToSix() {
        JobState elastic =
                play.submit(Work.of("team", 1).workers(new WorkerCount(2, 6, 1)).elastic());
        play.decide();
        return elastic;
    }

    @Test
    void anElasticGangGrowsIntoWhatNobodyWaitsFor() {
        play.nodes(1).queue("team", "", 1);
        JobState other = play.submit(Work.of("team", 4));
        play.decide();
        JobState elastic = elasticFromTwoToSix();
        assertThat(workers(elastic)).isEqualTo(4);
        play.complete(other).decide().stopped().decide();
        assertThat(workers(elastic)).isEqualTo(6);
    }

    @Test
    void anElasticGangDoesNotGrowInAQueueThatIsHeld() {
        play.nodes(1).queue("team", "", 1);
        JobState other = play.submit(Work.of("team", 4));
        play.decide();
        JobState elastic = elasticFromTwoToSix();
        play.queue(new JobQueue("team", "", Map.of(), 1, List.of(), 0, 0, 0, QueueState.HOLD));
        play.complete(other).decide().stopped().decide();
        assertThat(workers(elastic)).isEqualTo(4);
        play.queue("team", "", 1).pass(60).decide().stopped().decide();
        assertThat(workers(elastic)).isEqualTo(6);
    }

    // ---- places that are kept

    @Test
    void smallWorkDoesNotPassTheLongestWaitingGangForEver() {
        play.nodes(1).queue("team", "", 1);
        List<JobState> small = play.submit(8, Work.of("team", 1));
        play.decide();
        JobState large = play.submit(Work.of("team", 8));
        play.decide();
        List<JobState> later = play.submit(8, Work.of("team", 1));
        for (JobState job : small) {
            play.complete(job).decide();
        }
        assertThat(runs(large)).isTrue();
        assertThat(running(later)).isZero();
    }

    @Test
    void aKeptPlaceIsNoWayPastTheJobsThatAUserMayRun() {
        play.nodes(1).chipClass("other", "second").node("o", "other", 8).queue("apart", "", 1);
        play.queue(new JobQueue("team", "", Map.of(), 1, List.of(), 0, 1, 0, QueueState.OPEN));
        JobState before = play.submit(Work.of("apart", 8).by("bob").preemption(Policy.NEVER, 0, 0));
        play.decide();
        JobState large = play.submit(Work.of("team", 8));
        play.decide();
        assertThat(large.gangs().getFirst().reservation()).isNotNull();
        JobState small =
                play.submit(Work.of("team", 1).with(List.of(Work.profile("p", "other", WorkerCount.of(1), 1))));
        play.decide();
        assertThat(runs(small)).isTrue();
        play.complete(before).decide();
        assertThat(runs(large)).isFalse();
        play.complete(small).decide();
        assertThat(runs(large)).isTrue();
    }

    @Test
    void aKeptPlaceIsNoWayPastAQueueThatIsHeld() {
        play.nodes(1).queue("apart", "", 1).queue("team", "", 1);
        JobState before = play.submit(Work.of("apart", 8).preemption(Policy.NEVER, 0, 0));
        play.decide();
        JobState large = play.submit(Work.of("team", 8));
        play.decide();
        assertThat(large.gangs().getFirst().reservation()).isNotNull();
        play.queue(new JobQueue("team", "", Map.of(), 1, List.of(), 0, 0, 0, QueueState.HOLD));
        play.complete(before).decide();
        assertThat(runs(large)).isFalse();
        play.queue("team", "", 1).decide();
        assertThat(runs(large)).isTrue();
    }

    @Test
    void nobodyLeavesForAQueueThatIsHeld() {
        play.nodes(1).queue("apart", "", 1);
        play.queue(new JobQueue("team", "", Map.of(), 1, List.of(guarantee(8)), 0, 0, 0, QueueState.HOLD));
        JobState before = play.submit(Work.of("apart", 8));
        play.decide();
        JobState held = play.submit(Work.of("team", 8).priority(10));
        play.decide();
        assertThat(stops(before)).isFalse();
        assertThat(held.gangs().getFirst().reservation()).isNull();
    }

    @Test
    void oneGangOfABandHasAPlaceKept() {
        play.nodes(2).queue("team", "", 1);
        play.submit(16, Work.of("team", 1));
        play.decide();
        List<JobState> large = play.submit(2, Work.of("team", 8));
        play.decide();
        assertThat(large.getFirst().gangs().getFirst().reservation()).isNotNull();
        assertThat(large.getLast().gangs().getFirst().reservation()).isNull();
        assertThat(play.why(large.getFirst()).code()).isEqualTo(ReasonCode.AWAITING_RESERVATION);
    }

    @Test
    void thePlaceIsKeptWhereTheLastEndsSoonest() {
        play.nodes(2).queue("team", "", 1);
        List<JobState> jobs = play.submit(7, Work.of("team", 1).lasting(10_000));
        jobs.addAll(play.submit(1, Work.of("team", 1).lasting(90_000)));
        jobs.addAll(play.submit(8, Work.of("team", 1).lasting(20_000)));
        play.decide();
        JobState large = play.submit(Work.of("team", 8));
        play.decide();
        Reservation kept = Objects.requireNonNull(large.gangs().getFirst().reservation());
        long node = jobs.getLast().gangs().getFirst().workers().getFirst().nodeId();
        assertThat(kept.workers().getFirst().nodeId()).isEqualTo(node);
    }

    @Test
    void aGuestIsLetInIfItWillBeGoneInTimeAndLeavesThen() {
        play.nodes(1).queue("team", "", 1);
        List<JobState> soon = play.submit(4, Work.of("team", 1).lasting(10));
        List<JobState> late = play.submit(4, Work.of("team", 1).lasting(10_000));
        play.decide();
        JobState large = play.submit(Work.of("team", 8));
        play.decide();
        play.complete(soon.getFirst()).complete(soon.getLast()).decide();
        JobState tooLong = play.submit(Work.of("team", 1).preemption(Policy.ANYTIME, 20_000, 30));
        JobState stubborn = play.submit(Work.of("team", 1).preemption(Policy.NEVER, 0, 30));
        JobState guest = play.submit(Work.of("team", 1).preemption(Policy.ANYTIME, 0, 30));
        play.decide();
        assertThat(runs(tooLong) || runs(stubborn)).isFalse();
        assertThat(play.why(tooLong).code()).isEqualTo(ReasonCode.RESERVED);
        assertThat(runs(guest)).isTrue();
        play.complete(soon.get(1)).complete(soon.get(2));
        late.forEach(play::complete);
        play.decide();
        assertThat(stops(guest)).isTrue();
        play.stopped().decide();
        assertThat(runs(large)).isTrue();
    }

    @Test
    void aHigherBandTakesAPlaceThatIsKeptForALowerOne() {
        play.nodes(1).queue("team", "", 1);
        List<JobState> small = play.submit(8, Work.of("team", 1).preemption(Policy.NEVER, 0, 30));
        play.decide();
        JobState large = play.submit(Work.of("team", 8));
        play.decide();
        play.complete(small.getFirst()).complete(small.getLast()).decide();
        JobState urgent = play.submit(Work.of("team", 2).priority(10));
        play.decide();
        assertThat(runs(urgent)).isTrue();
        assertThat(runs(large)).isFalse();
    }

    // ---- the profile

    @Test
    void aJobThatRanOnceKeepsItsProfile() {
        play.nodes(1).chipClass("other", "second").queue("team", "", 1);
        JobState job = play.submit(Work.of("team", 8).or(Work.profile("o", "other", WorkerCount.of(1), 8)));
        play.decide();
        JobState urgent = play.submit(Work.of("team", 8).priority(10));
        play.decide();
        play.node("o", "other", 8).stopped().decide();
        assertThat(runs(urgent)).isTrue();
        assertThat(runs(job)).isFalse();
        Explanation why = play.scheduler.explain(job.gangs().getFirst());
        assertThat(why.reason().code()).isNotEqualTo(ReasonCode.BEHIND_OTHERS).isNotEqualTo(ReasonCode.PROFILE_KEPT);
        assertThat(why.profiles().getLast()).isEqualTo(new Reason(ReasonCode.PROFILE_KEPT, Map.of("profile", "only")));
    }

    @Test
    void whatIsLiftedForATryIsNoRelease() {
        play.chipClass("other", "maker").nodes(1).node("m", "other", 8);
        play.queue(new JobQueue("team", "", Map.of(), 1, List.of(), 9, 0, 0, QueueState.OPEN));
        play.queue("apart", "", 1);
        WorkerCount one = WorkerCount.of(1);
        play.submit(Work.of("apart", 8)
                .with(List.of(Work.profile("only", "other", one, 8)))
                .preemption(Policy.NEVER, 0, 0));
        play.submit(Work.of("team", 8).by("bob").preemption(Policy.NEVER, 0, 0));
        play.decide();
        JobState keeps = play.submit(Work.of("team", 8).by("eve").with(List.of(Work.profile("only", "other", one, 8))));
        play.decide();
        assertThat(keeps.gangs().getFirst().reservation()).isNotNull();
        // Both may use that place, neither has room there, and a bound on their user keeps both from the chips.
        for (int devices : List.of(2, 3)) {
            play.submit(Work.of("team", devices)
                    .by("bob")
                    .priority(5)
                    .or(Work.profile("else", "other", one, 1))
                    .preemption(Policy.NEVER, 0, 0));
        }
        assertTimeoutPreemptively(Duration.ofSeconds(20), play::decide);
    }
}
