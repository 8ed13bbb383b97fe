package dev.interposer.engine.sourcing;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.SupplierShare;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.Settings;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How the replicas of one inference job spread over suppliers.
 *
 * <p><b>Goals.</b> The loss of any one supplier leaves the part of the replicas that was asked for, and in the end as
 * many suppliers serve as were asked for.
 *
 * <p><b>Constraints.</b> Checked when a replica starts, against the full number of replicas, which no start moves. An
 * unknown supplier counts against the part that one may hold and never as one more supplier.
 *
 * <p><b>Algorithm.</b> Of N replicas with p percent to be left, each supplier serves at most ⌊N (100 − p) / 100⌋. With
 * m suppliers wanted and r replicas still to come after this one, the suppliers served so far, this one's included,
 * plus r must reach m: so the last replicas that could still bring a new supplier must do so.
 */
final class Replicas {
    private final Settings settings;

    Replicas(Settings settings) {
        this.settings = settings;
    }

    /** Most replicas that one supplier may serve. */
    static long most(int replicas, int minLossCoveragePercent) {
        return (long) replicas * (100 - minLossCoveragePercent) / 100;
    }

    @Nullable
    Reason blocks(JobState job, AcceleratorClass candidate, InferenceSourcing wanted, String policyName) {
        if (!wanted.binds()) {
            return null;
        }
        TreeMap<String, Integer> served = new TreeMap<>();
        int placed = 0;
        for (GangState gang : job.gangs()) {
            AcceleratorClass chipClass = gang.liveWorkers() == 0 ? null : settings.acceleratorClass(gang.className());
            if (chipClass != null) {
                placed++;
                count(served, chipClass, wanted);
            }
        }
        count(served, candidate, wanted);
        int replicas = job.gangs().size();
        Reason tooMany = tooMany(served, candidate, wanted, replicas, policyName);
        return tooMany == null ? tooFew(served, candidate, wanted, replicas - placed - 1, policyName) : tooMany;
    }

    private @Nullable Reason tooMany(
            Map<String, Integer> served,
            AcceleratorClass candidate,
            InferenceSourcing wanted,
            int replicas,
            String policyName) {
        long most = most(replicas, wanted.minLossCoveragePercent());
        for (SupplierShare share : suppliers(candidate, wanted)) {
            int serves = served.getOrDefault(share.supplierName(), 0);
            if (wanted.minLossCoveragePercent() > 0 && serves > most) {
                return new Reason(
                        ReasonCode.SOURCING_REPLICAS,
                        Map.of(
                                "policy", policyName,
                                "class", candidate.name(),
                                "tier", wanted.tier().name(),
                                "supplier", share.supplierName(),
                                "coverage", Integer.toString(wanted.minLossCoveragePercent()),
                                "replicas", Integer.toString(serves - 1),
                                "most", Long.toString(most),
                                "missing", Long.toString(serves - most)));
            }
        }
        return null;
    }

    private @Nullable Reason tooFew(
            Map<String, Integer> served,
            AcceleratorClass candidate,
            InferenceSourcing wanted,
            int toCome,
            String policyName) {
        served.remove(Origins.UNKNOWN);
        int suppliers = served.size();
        if (suppliers + Math.max(0, toCome) >= wanted.minSuppliers()) {
            return null;
        }
        return new Reason(
                ReasonCode.SOURCING_SUPPLIERS,
                Map.of(
                        "policy", policyName,
                        "class", candidate.name(),
                        "tier", wanted.tier().name(),
                        "suppliers", Integer.toString(suppliers),
                        "wanted", Integer.toString(wanted.minSuppliers()),
                        "missing", Integer.toString(wanted.minSuppliers() - suppliers - Math.max(0, toCome))));
    }

    private void count(Map<String, Integer> served, AcceleratorClass chipClass, InferenceSourcing wanted) {
        for (SupplierShare share : suppliers(chipClass, wanted)) {
            served.merge(share.supplierName(), 1, Integer::sum);
        }
    }

    private List<SupplierShare> suppliers(AcceleratorClass chipClass, InferenceSourcing wanted) {
        return Origins.of(chipClass, wanted.tier(), Origins.BY_CLASS, settings);
    }
}
