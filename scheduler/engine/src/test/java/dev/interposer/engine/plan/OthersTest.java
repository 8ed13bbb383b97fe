package dev.interposer.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.ReservationCause;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.nearest.ChangeKind;
import dev.interposer.engine.nearest.Image;
import dev.interposer.engine.nearest.NearestChange;
import dev.interposer.engine.nearest.NearestSearch;
import dev.interposer.engine.sourcing.SupplyCounters;
import dev.interposer.engine.sourcing.SupplyCounters.Count;
import dev.interposer.engine.state.JobState;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Devices that somebody outside of the ledger uses, and nodes that another scheduler owns. */
class OthersTest {
    private final Play play = new Play().queue(JobQueue.of("q"));

    @Test
    void aDeviceThatOthersUseTakesNoWorkUntilTheyAreGone() {
        play.nodes(1).used("n0", 3, "batch/other-0");
        JobState waits = play.submit(Work.of("q", 8));
        play.decide();
        assertThat(Play.runs(waits)).isFalse();

        play.used("n0", 3, "").decide();
        assertThat(Play.runs(waits)).isTrue();
    }

    @Test
    void whoeverWaitsForItIsToldThatOthersHaveIt() {
        play.nodes(1).used("n0", 0, "batch/other-0").used("n0", 1, "batch/other-1");
        JobState waits = play.submit(Work.of("q", 8));
        play.decide();
        assertReason(
                waits,
                ReasonCode.INSUFFICIENT_DEVICES,
                Map.of("needed", "8", "free", "6", "missing", "2", "foreign", "2"));
    }

    @Test
    void whatRunsBesideThemGoesOn() {
        play.nodes(1);
        JobState runs = play.submit(Work.of("q", 2));
        play.decide().used("n0", 0, "batch/other-0");
        JobState urgent = play.submit(Work.of("q", 8).priority(100));
        play.decide().pass(10_000).decide();
        assertThat(Play.runs(runs)).isTrue();
        assertThat(play.why(urgent).code()).isEqualTo(ReasonCode.INSUFFICIENT_DEVICES);

        play.complete(runs).decide();
        assertThat(Play.runs(urgent)).isFalse();
        assertThat(Play.runs(play.submit(Work.of("q", 7)))).isFalse();
    }

    /** Nobody leaves for a place that would still not be whole: the device is in others' hands afterwards too. */
    @Test
    void nobodyIsEvictedWhereOthersStay() {
        play.nodes(2).used("n0", 7, "batch/other-0");
        JobState low = play.submit(Work.of("q", 7));
        JobState beside = play.submit(Work.of("q", 8));
        play.decide();
        JobState urgent = play.submit(Work.of("q", 8).priority(100));
        play.decide();
        assertThat(Play.stops(low)).isFalse();
        assertThat(Play.stops(beside)).isTrue();
        play.stopped().decide();
        assertThat(Play.runs(urgent)).isTrue();
    }

    @Test
    void aPlaceThatIsKeptThereIsMadeAnewElsewhere() {
        play.nodes(2);
        play.submit(2, Work.of("q", 6).lasting(1_000));
        play.decide();
        JobState waits = play.submit(Work.of("q", 8));
        play.decide();
        var kept = Objects.requireNonNull(waits.gangs().getFirst().reservation());
        assertThat(kept.cause()).isEqualTo(ReservationCause.LONGEST_WAIT);
        long before = kept.workers().getFirst().nodeId();
        String node =
                Objects.requireNonNull(play.state.nodes().find(before)).name().substring(2);
        play.used(node, 7, "batch/other-0").decide();
        long after = Objects.requireNonNull(waits.gangs().getFirst().reservation())
                .workers()
                .getFirst()
                .nodeId();
        assertThat(after).isNotEqualTo(before);
    }

    /** The worker beside others can't be started again there, so it is not among those that stay. */
    @Test
    void anElasticGangThatShrinksKeepsNoWorkerBesideThem() {
        play.nodes(2);
        JobState job =
                play.submit(Work.of("q", 4).workers(new WorkerCount(1, 4, 1)).elastic());
        play.decide();
        long home = job.gangs().getFirst().workers().getFirst().nodeId();
        String here =
                Objects.requireNonNull(play.state.nodes().find(home)).name().substring(2);
        String there = here.equals("n0") ? "n1" : "n0";
        play.used(there, 0, "batch/other-0").drain(here, -1).decide();
        long used = play.nodeOf(there).devices().iterator().next().id();
        assertThat(Objects.requireNonNull(job.gangs().getFirst().reservation()).workers())
                .singleElement()
                .satisfies(worker -> assertThat(worker.devices().stream()).doesNotContain(used));
        play.stopped().decide();
        assertThat(Play.runs(job)).isTrue();
    }

    @Test
    void aNodeThatIsOnlyLookedAtTakesNothingWhateverAnOperatorUncordons() {
        play.nodes(1).observed("n0", true).uncordon("n0");
        JobState waits = play.submit(Work.of("q", 1));
        play.decide();
        assertThat(Play.runs(waits)).isFalse();
        play.apply(new FleetEvent.NodeCordoned(play.nodeOf("n0").id(), true));
        play.uncordon("n0").decide();
        assertThat(Play.runs(waits)).isFalse();

        play.observed("n0", false).decide();
        assertThat(Play.runs(waits)).isTrue();
    }

    @Test
    void aJobThatOnlySuchNodesCouldHoldIsToldSo() {
        play.nodes(1).observed("n0", true);
        JobState waits = play.submit(Work.of("q", 4));
        play.decide();
        assertReason(
                waits,
                ReasonCode.EXCEEDS_FLEET,
                Map.of("needed", "4", "healthy", "0", "missing", "4", "observed", "8"));

        play.node("small", "chip", 2).decide();
        assertReason(
                waits,
                ReasonCode.WORKER_EXCEEDS_NODES,
                Map.of("needed", "4", "largest", "2", "domain", "c/small", "observed", "c/n0"));
    }

    @Test
    void whatRunsOnANodeThatIsTakenAwayGoesOnThere() {
        play.nodes(1);
        JobState runs = play.submit(Work.of("q", 2));
        play.decide().observed("n0", true).pass(10_000).decide();
        assertThat(Play.runs(runs)).isTrue();
    }

    @Test
    void noNearestChangeNamesSuchANode() {
        play.nodes(1).observed("n0", true);
        play.apply(new FleetEvent.NodeCordoned(play.nodeOf("n0").id(), true));
        JobState waits = play.submit(Work.of("q", 4));
        play.decide();
        NearestChange change = NearestSearch.of(Image.of(play.state), waits.id(), 0);
        assertThat(change.parts()).isEmpty();

        play.nodes(1, 1);
        play.apply(new FleetEvent.NodeCordoned(play.nodeOf("n1").id(), true));
        NearestChange other = NearestSearch.of(Image.of(play.state), waits.id(), 0);
        assertThat(other.parts()).singleElement().satisfies(part -> {
            assertThat(part.kind()).isEqualTo(ChangeKind.UNCORDON);
            assertThat(part.parameters()).containsEntry("node", "c/n1");
        });
    }

    @Test
    void allOfItIsInstalled() {
        play.nodes(2).observed("n1", true).used("n0", 0, "batch/other-0").used("n1", 0, "batch/other-1");
        Count count = SupplyCounters.of(play.state).of("chip");
        assertThat(count).isEqualTo(new Count(16_000, 8_000, 0, 2_000, 8_000, 7_000));
    }

    private void assertReason(JobState job, ReasonCode code, Map<String, String> facts) {
        Reason reason = play.why(job);
        assertThat(reason.code()).isEqualTo(code);
        assertThat(reason.parameters()).containsAllEntriesOf(facts);
    }
}
