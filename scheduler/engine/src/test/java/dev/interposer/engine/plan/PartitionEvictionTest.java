package dev.interposer.engine.plan;

import static dev.interposer.engine.plan.Play.guarantee;
import static dev.interposer.engine.plan.Play.running;
import static dev.interposer.engine.plan.Play.runs;
import static dev.interposer.engine.plan.Play.stops;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Preemption.Policy;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.ReservationCause;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.WorkerState;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Room is made on chips that are split or shared as on whole ones. */
class PartitionEvictionTest {
    private final Play play = new Play();

    @BeforeEach
    void theChipCanBeSplit() {
        play.apply(new SettingEvent.ClassApplied(Split.into(Split.EIGHTH, Split.HALF, Split.WHOLE)));
        play.queue("team", "", 1);
    }

    @Test
    void allPartsOfAChipLeaveForOneWhoNeedsItWhole() {
        play.node("n", "chip", 1);
        List<JobState> parts = play.submit(2, Split.part("team", "3g").priority(-10));
        play.decide();
        assertThat(running(parts)).isEqualTo(2);
        JobState urgent = play.submit(Work.of("team", 1).priority(10));
        play.decide();
        assertThat(parts).allMatch(Play::stops);
        play.stopped().decide();
        assertThat(runs(urgent)).isTrue();
    }

    @Test
    void onlyOneOfTwoSplitChipsIsCleared() {
        play.node("n", "chip", 2);
        List<JobState> parts = play.submit(4, Split.part("team", "3g").priority(-10));
        play.decide();
        JobState urgent = play.submit(Work.of("team", 1).priority(10));
        play.decide();
        assertThat(parts.stream().filter(Play::stops)).hasSize(2);
        play.stopped().decide();
        assertThat(runs(urgent)).isTrue();
        assertThat(running(parts)).isEqualTo(2);
    }

    @Test
    void aWholeChipIsClearedForAPart() {
        play.node("n", "chip", 1);
        JobState whole = play.submit(Work.of("team", 1).priority(-10));
        play.decide();
        JobState urgent = play.submit(Split.part("team", "1g").priority(10));
        play.decide();
        assertThat(stops(whole)).isTrue();
        play.stopped().decide();
        assertThat(runs(urgent)).isTrue();
    }

    /** Seven slices of eight are taken; a half needs four neighbours, and one half of the chip is enough. */
    @Test
    void asManyPartsLeaveAsAnotherPartNeeds() {
        play.node("n", "chip", 1);
        JobState half = play.submit(Split.part("team", "3g").priority(-20));
        play.decide();
        List<JobState> eighths = play.submit(3, Split.part("team", "1g").priority(-10));
        play.decide();
        assertThat(running(eighths)).isEqualTo(3);
        JobState urgent = play.submit(Split.part("team", "3g").priority(10));
        play.decide();
        assertThat(stops(half)).isTrue();
        assertThat(eighths).noneMatch(Play::stops);
        play.stopped().decide();
        assertThat(runs(urgent)).isTrue();
    }

    @Test
    void allEighthsOfAHalfLeaveForAHalf() {
        play.node("n", "chip", 1);
        play.submit(Split.part("team", "3g").preemption(Policy.NEVER, 0, 0));
        List<JobState> eighths = play.submit(3, Split.part("team", "1g").priority(-10));
        play.decide();
        JobState urgent = play.submit(Split.part("team", "3g").priority(10));
        play.decide();
        assertThat(eighths).allMatch(Play::stops);
        play.stopped().decide();
        assertThat(runs(urgent)).isTrue();
    }

    @Test
    void partsLeaveForAShareAndSharesForAPart() {
        play.node("n", "chip", 1);
        List<JobState> parts = play.submit(2, Split.part("team", "3g").priority(-10));
        play.decide();
        JobState share = play.submit(Split.share("team", 300));
        play.decide();
        assertThat(parts).allMatch(Play::stops);
        play.stopped().decide();
        JobState another = play.submit(Split.share("team", 500));
        play.decide();
        assertThat(runs(share) && runs(another)).isTrue();
        JobState urgent = play.submit(Split.part("team", "1g").priority(10));
        play.decide();
        assertThat(stops(share) && stops(another)).isTrue();
        play.stopped().decide();
        assertThat(runs(urgent)).isTrue();
    }

    @Test
    void aGuaranteeTakesBackAChipThatWasBorrowedInParts() {
        play.node("n", "chip", 1).queue("owed", "", 1, guarantee(1));
        List<JobState> borrowed = play.submit(2, Split.part("team", "3g"));
        play.decide();
        assertThat(running(borrowed)).isEqualTo(2);
        JobState owner = play.submit(Work.of("owed", 1));
        play.decide().stopped().decide();
        assertThat(runs(owner)).isTrue();
    }

    @Test
    void aPlaceIsKeptOnChipsThatAreSplit() {
        play.node("a", "chip", 1).node("b", "chip", 1);
        List<JobState> parts = play.submit(4, Split.part("team", "3g"));
        play.decide();
        JobState gang = play.submit(Work.of("team", 1).workers(WorkerCount.of(2)));
        play.decide();
        assertThat(gang.gangs().getFirst().reservation()).isNotNull();
        List<JobState> later = play.submit(4, Split.part("team", "3g"));
        for (JobState part : parts) {
            play.complete(part).decide();
        }
        assertThat(runs(gang)).isTrue();
        assertThat(running(later)).isZero();
    }

    /** Whoever waits had no place if all of lower priority left; whoever leaves is in a place that is kept next. */
    @Test
    void nobodyWaitsForWhatLowerBandsHave() {
        play.node("a", "chip", 2).node("b", "chip", 1);
        SplittableRandom random = new SplittableRandom(7);
        Set<GangState> asked = new HashSet<>();
        play.watch = event -> follow(event, asked);
        for (int step = 0; step < 400; step++) {
            List<JobState> running =
                    play.state.jobs().all().stream().filter(Play::runs).toList();
            switch (random.nextInt(4)) {
                case 0 -> play.stopped();
                case 1 -> running.stream().skip(random.nextInt(3)).findFirst().ifPresent(play::complete);
                default -> play.submit(work(random));
            }
            play.decide();
            for (JobState job : play.state.jobs().all()) {
                for (GangState gang : job.gangs()) {
                    Reservation kept = gang.reservation();
                    boolean unserved = gang.eligible()
                            && (kept == null || kept.cause() == ReservationCause.LONGEST_WAIT)
                            && play.scheduler.waiting(16).stream().anyMatch(shape -> shape.head() == gang);
                    assertThat(unserved && fitsWithoutLower(gang))
                            .as("step %d: %s waits", step, job.name())
                            .isFalse();
                }
            }
            assertThat(asked).as("step %d: leave for nobody", step).isEmpty();
        }
    }

    private static Work work(SplittableRandom random) {
        Work work = random.nextInt(4) == 0
                ? Work.of("team", 1)
                : Split.part("team", List.of("1g", "3g", "7g").get(random.nextInt(3)));
        return work.priority(10 * random.nextInt(3));
    }

    private boolean fitsWithoutLower(GangState gang) {
        int priority = gang.job().priority();
        return play.state.nodes().all().stream()
                .flatMap(node -> node.devices().stream())
                .anyMatch(device -> {
                    int taken = 0;
                    for (GangState other : gangs()) {
                        boolean goes = other.job().priority() < priority && other.phase() == GangPhase.RUNNING;
                        taken |= goes ? 0 : held(other, device.id());
                        Reservation kept = other.reservation();
                        boolean yields = other == gang
                                || (kept != null
                                        && kept.cause() == ReservationCause.LONGEST_WAIT
                                        && other.job().priority() < priority);
                        taken |= yields ? 0 : kept(other, device.id());
                    }
                    int all = taken;
                    return starts(gang).stream().anyMatch(start -> (mask(start, slots(gang)) & all) == 0);
                });
    }

    private static List<Integer> starts(GangState gang) {
        return switch (slots(gang)) {
            case 1 -> Split.EIGHTH.starts();
            case 4 -> Split.HALF.starts();
            default -> Split.WHOLE.starts();
        };
    }

    /** Who is asked to leave lies in the place that is kept next. */
    private void follow(JobEvent event, Set<GangState> asked) {
        if (event instanceof JobEvent.GangStopping stopping) {
            asked.add(gang(stopping.jobId()));
        } else if (event instanceof JobEvent.GangReserved reserved) {
            int slots = slots(gang(reserved.jobId()));
            asked.removeIf(victim -> reserved.workers().stream()
                    .anyMatch(worker -> worker.devices().stream()
                            .anyMatch(device -> (held(victim, device) & mask(worker.start(), slots)) != 0)));
        }
    }

    private GangState gang(long jobId) {
        return Objects.requireNonNull(play.state.jobs().find(jobId)).gangs().getFirst();
    }

    private List<GangState> gangs() {
        return play.state.jobs().all().stream()
                .flatMap(job -> job.gangs().stream())
                .toList();
    }

    private static int held(GangState gang, long device) {
        int taken = 0;
        for (WorkerState worker : gang.workers()) {
            boolean here = !worker.ended() && worker.placement().devices().contains(device);
            taken |= here ? mask(worker.placement().start(), slots(gang)) : 0;
        }
        return taken;
    }

    private static int kept(GangState gang, long device) {
        int taken = 0;
        Reservation reservation = gang.reservation();
        for (WorkerPlacement worker : reservation == null ? List.<WorkerPlacement>of() : reservation.workers()) {
            taken |= worker.devices().contains(device) ? mask(worker.start(), slots(gang)) : 0;
        }
        return taken;
    }

    private static int mask(int start, int slots) {
        return ((1 << slots) - 1) << start;
    }

    private static int slots(GangState gang) {
        String partition = gang.job()
                .spec()
                .profiles()
                .getFirst()
                .roles()
                .getFirst()
                .accelerators()
                .partition();
        return switch (partition) {
            case "1g" -> 1;
            case "3g" -> 4;
            default -> 8;
        };
    }
}
