package dev.interposer.engine.sourcing;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.SupplierShare;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.Settings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How the replicas of one inference job spread over suppliers.
 *
 * <p><b>Goals.</b> The loss of any one supplier leaves the part of the replicas that was asked for, and in the end as
 * many suppliers must be lost as were asked for before no replica is left.
 *
 * <p><b>Constraints.</b> Checked when a replica starts, against the full number of replicas, which no start moves. An
 * unknown supplier counts against the part that one may hold, and a replica that rests on one, even in part, never
 * counts as one more supplier.
 *
 * <p><b>Algorithm.</b> Of N replicas with p percent to be left, each supplier serves at most ⌊N (100 − p) / 100⌋. The
 * number of suppliers of some replicas is the least number whose loss together would stop all of them: a replica adds
 * one at most, however many stand behind its chips. With m > 1 suppliers wanted, at most N, and r replicas to come
 * after this one, the suppliers so far, this one's included, plus r must reach m: so the last replicas that could still
 * bring a new supplier must do so.
 */
public final class Replicas {
    private final Settings settings;

    Replicas(Settings settings) {
        this.settings = settings;
    }

    /** Most replicas that one supplier may serve. */
    public static long most(int replicas, int minLossCoveragePercent) {
        return (long) replicas * (100 - minLossCoveragePercent) / 100;
    }

    @Nullable
    Reason blocks(JobState job, AcceleratorClass candidate, InferenceSourcing wanted, String policyName) {
        if (!wanted.binds()) {
            return null;
        }
        List<Set<String>> placed = new ArrayList<>();
        for (GangState gang : job.gangs()) {
            boolean serves = gang.liveWorkers() > 0 && !gang.leaving();
            AcceleratorClass chipClass = !serves ? null : settings.acceleratorClass(gang.className());
            if (chipClass != null) {
                placed.add(suppliers(chipClass, wanted));
            }
        }
        placed.add(suppliers(candidate, wanted));
        int replicas = job.wantedGangs();
        Reason tooMany = tooMany(placed, candidate, wanted, replicas, policyName);
        return tooMany == null ? tooFew(placed, candidate, wanted, replicas, policyName) : tooMany;
    }

    /** The candidate's suppliers are the last ones of {@code placed}. */
    private static @Nullable Reason tooMany(
            List<Set<String>> placed,
            AcceleratorClass candidate,
            InferenceSourcing wanted,
            int replicas,
            String policyName) {
        long most = most(replicas, wanted.minLossCoveragePercent());
        for (String supplier : placed.getLast()) {
            long serves = placed.stream().filter(of -> of.contains(supplier)).count();
            if (wanted.minLossCoveragePercent() > 0 && serves > most) {
                return new Reason(
                        ReasonCode.SOURCING_REPLICAS,
                        Map.of(
                                "policy", policyName,
                                "class", candidate.name(),
                                "tier", wanted.tier().name(),
                                "supplier", supplier,
                                "coverage", Integer.toString(wanted.minLossCoveragePercent()),
                                "replicas", Long.toString(serves - 1),
                                "most", Long.toString(most),
                                "missing", Long.toString(serves - most)));
            }
        }
        return null;
    }

    private static @Nullable Reason tooFew(
            List<Set<String>> placed,
            AcceleratorClass candidate,
            InferenceSourcing wanted,
            int replicas,
            String policyName) {
        int least = least(wanted, replicas);
        int toCome = Math.max(0, replicas - placed.size());
        if (least <= 1 || toCome >= least) {
            return null;
        }
        Set<Set<String>> known =
                placed.stream().filter(of -> !of.contains(Origins.UNKNOWN)).collect(Collectors.toSet());
        int suppliers = fewestThatStop(known, least);
        if (suppliers + toCome >= least) {
            return null;
        }
        return new Reason(
                ReasonCode.SOURCING_SUPPLIERS,
                Map.of(
                        "policy", policyName,
                        "class", candidate.name(),
                        "tier", wanted.tier().name(),
                        "suppliers", Integer.toString(suppliers),
                        "wanted", Integer.toString(least),
                        "missing", Integer.toString(least - suppliers - toCome)));
    }

    /** How many suppliers some replicas of a job must rest on: what is asked for, and one each at most. */
    public static int least(InferenceSourcing wanted, int replicas) {
        return Math.min(wanted.minSuppliers(), replicas);
    }

    /** The least number of suppliers of which each replica needs one; no more than {@code enough} are looked for. */
    public static int fewestThatStop(Collection<Set<String>> replicas, int enough) {
        int lost = 0;
        while (lost < Math.min(enough, replicas.size()) && !stopped(replicas, lost)) {
            lost++;
        }
        return lost;
    }

    /** Whether the loss of so many suppliers could stop all. */
    private static boolean stopped(Collection<Set<String>> replicas, int lost) {
        if (replicas.isEmpty() || lost == 0) {
            return replicas.isEmpty();
        }
        Set<String> narrowest =
                replicas.stream().min(Comparator.comparingInt(Set::size)).orElseThrow();
        return narrowest.stream()
                .anyMatch(supplier -> stopped(
                        replicas.stream().filter(of -> !of.contains(supplier)).toList(), lost - 1));
    }

    private Set<String> suppliers(AcceleratorClass chipClass, InferenceSourcing wanted) {
        Set<String> names = new TreeSet<>();
        for (SupplierShare share : Origins.of(chipClass, wanted.tier(), Origins.BY_CLASS, settings)) {
            names.add(share.supplierName());
        }
        return names;
    }
}
