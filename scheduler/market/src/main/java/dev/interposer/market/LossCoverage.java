package dev.interposer.market;

import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.market.FleetImage.GangImage;
import dev.interposer.market.FleetImage.JobImage;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * How much of the work is still placed when a party is lost: C = weight placed without it ÷ weight placed with it.
 *
 * <p><b>Goals.</b> A lower bound that the engine itself reaches, with the rules that are in force: what it places on a
 * copy without the party's chips can be placed.
 *
 * <p><b>Constraints.</b> C without a loss is 1: what finds no place with everybody there counts nowhere. Weight is
 * priority × reference throughput, where a job of normal priority weighs 100 and each point of priority adds one, at
 * least 1. Work goes on only under profiles that it allows, with its smallest number of workers at least, and counts
 * for the chips that it has then, but never for more than it has today.
 *
 * <p><b>Algorithm.</b> The work is what runs and a claim for each guarantee that nobody uses. Two modes: still, where
 * what lost nothing stays where it is; and re-plan, where everything is placed anew. Each is rehearsed once without a
 * loss and once for each different set of lost chips.
 */
public final class LossCoverage {
    private static final int MOST_NAMES = 20;
    private static final int NORMAL_WEIGHT = 100;

    private final FleetImage image;
    private final Loss loss;
    private final Rehearsal rehearsal;
    private final List<JobImage> work = new ArrayList<>();
    private final List<long[]> stillBase;
    private final List<long[]> replanBase;

    private LossCoverage(FleetImage image, Runnable between) {
        this.image = image;
        this.rehearsal = new Rehearsal(image, between);
        this.loss = new Loss(image);
        work.addAll(image.jobs());
        work.addAll(new Guarantees(image).unused());
        this.stillBase = rehearsal.placed(work, Map.of(), true);
        this.replanBase = rehearsal.placed(work, Map.of(), false);
    }

    /** Of every party that is asked for. */
    public static CoverageReport of(FleetImage image, Predicate<Party> asked) {
        return of(image, asked, () -> {});
    }

    /**
     * Of every party that is asked for.
     *
     * @param between called before each step of a rehearsal; it may rest
     */
    public static CoverageReport of(FleetImage image, Predicate<Party> asked, Runnable between) {
        LossCoverage coverage = new LossCoverage(image, between);
        List<PartyCoverage> parties = new ArrayList<>();
        Map<Map<Integer, BitSet>, PartyCoverage> known = new HashMap<>();
        for (Party party : coverage.loss.parties()) {
            if (asked.test(party)) {
                Map<Integer, BitSet> lost = coverage.loss.of(party);
                PartyCoverage found = known.computeIfAbsent(lost, chips -> coverage.of(party, chips));
                parties.add(new PartyCoverage(
                        party,
                        found.lostDevices(),
                        found.hitGangs(),
                        found.stillMilliPercent(),
                        found.replanMilliPercent(),
                        found.lostJobs()));
            }
        }
        return new CoverageReport(
                image.revision(),
                image.atMicros(),
                coverage.weight(job -> job.id() >= 0),
                coverage.weight(job -> job.id() < 0),
                parties);
    }

    private PartyCoverage of(Party party, Map<Integer, BitSet> lost) {
        List<long[]> still = rehearsal.placed(work, lost, true);
        int stays = kept(stillBase, still);
        // To leave everything where it is, is a plan too; placing anew may be unlucky with the order.
        int anew = Math.max(stays, kept(replanBase, rehearsal.placed(work, lost, false)));
        return new PartyCoverage(
                party,
                lost.values().stream().mapToInt(BitSet::cardinality).sum(),
                hit(lost),
                stays,
                anew,
                lostJobs(still));
    }

    /** A gang counts for what it has, and for no more than it had. */
    private int kept(List<long[]> base, List<long[]> after) {
        long with = 0;
        long without = 0;
        for (int place = 0; place < work.size(); place++) {
            JobImage job = work.get(place);
            for (int gang = 0; gang < job.gangs().size(); gang++) {
                if (base.get(place)[gang] > 0) {
                    long had = referenceMilli(job, gang);
                    with += weight(job) * had;
                    without += weight(job) * Math.min(had, after.get(place)[gang]);
                }
            }
        }
        return with == 0 ? 100_000 : Ratio.milliPercent(without, with);
    }

    private List<String> lostJobs(List<long[]> after) {
        List<String> names = new ArrayList<>();
        for (int place = 0; place < work.size() && names.size() < MOST_NAMES; place++) {
            JobImage job = work.get(place);
            boolean lost = false;
            for (int gang = 0; gang < job.gangs().size(); gang++) {
                lost |= stillBase.get(place)[gang] > 0 && after.get(place)[gang] == 0;
            }
            if (lost && job.id() >= 0) {
                names.add(job.fullName());
            }
        }
        return names;
    }

    private int hit(Map<Integer, BitSet> lost) {
        Set<Long> gone = new HashSet<>();
        lost.forEach((place, devices) -> devices.stream()
                .forEach(device ->
                        gone.add(image.nodes().get(place).devices().get(device).id())));
        int hit = 0;
        for (JobImage job : image.jobs()) {
            for (GangImage gang : job.gangs()) {
                hit += gang.workers().stream()
                                .map(WorkerPlacement::devices)
                                .flatMapToLong(Ids::stream)
                                .anyMatch(gone::contains)
                        ? 1
                        : 0;
            }
        }
        return hit;
    }

    private long weight(Predicate<JobImage> which) {
        long sum = 0;
        for (JobImage job : work) {
            for (int gang = 0; which.test(job) && gang < job.gangs().size(); gang++) {
                sum += weight(job) * referenceMilli(job, gang);
            }
        }
        return sum;
    }

    private static long weight(JobImage job) {
        return Math.max(1, NORMAL_WEIGHT + job.priority());
    }

    private long referenceMilli(JobImage job, int gang) {
        GangImage image = job.gangs().get(gang);
        return rehearsal.referenceMilli(image.className(), image.milli());
    }
}
