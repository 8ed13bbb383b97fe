package dev.interposer.market;

import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import java.util.List;

/**
 * How what a policy asks of the replicas of each inference job stands.
 *
 * @param wanted what is asked
 * @param installedSuppliers known suppliers of installed chips at the tier
 * @param jobs inference jobs of the scope that wait or run
 * @param shortJobs those of them that run whole and have less than is asked
 * @param blockedJobs those of them with a replica that waits and that policies let on no installed class, this one
 *     among them
 * @param blockedNames the first of these
 * @param cause why it is not met; {@link Cause#MET} if it is
 */
public record InferenceStatus(
        InferenceSourcing wanted,
        int installedSuppliers,
        int jobs,
        int shortJobs,
        int blockedJobs,
        List<String> blockedNames,
        Cause cause) {
    public InferenceStatus {
        blockedNames = List.copyOf(blockedNames);
    }

    /** Why it is not met; the first that holds. */
    public enum Cause {
        MET,
        /** Fewer suppliers have chips here than any job would need. */
        TOO_FEW_SUPPLIERS,
        /** A job that it blocks has so few replicas that no supplier may serve one. */
        TOO_FEW_REPLICAS,
        /** It blocks jobs that have replicas enough: their classes are of too few suppliers. */
        JOBS_BLOCKED,
        /** Jobs that run short could do no better: all that they admit rests on one supplier. */
        PINNED_WORK,
        /** Jobs run short since the policy came later, chips left, or they were excepted. */
        JOBS_SHORT
    }

    public boolean met() {
        return cause == Cause.MET;
    }
}
