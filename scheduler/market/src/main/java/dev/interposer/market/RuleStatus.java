package dev.interposer.market;

import dev.interposer.engine.model.SourcingPolicy.SourcingRule;

/**
 * How one rule of a policy stands.
 *
 * @param rule the rule
 * @param shareMilliPercent what the work of the policy's scope uses of the supplier, of the denominator
 * @param mostShareMilliPercent the same if every unknown supplier were this one
 * @param installedMilliPercent the supplier's part of what is installed
 * @param pinnedMilliPercent what work that has no other supplier uses of it, of the denominator
 * @param cause why it is not met; {@link Cause#MET} if it is
 * @param strandedUnits installed chips of the supplier that the cap lets nobody of the scope use, 10⁻⁸ reference device
 */
public record RuleStatus(
        SourcingRule rule,
        int shareMilliPercent,
        int mostShareMilliPercent,
        int installedMilliPercent,
        int pinnedMilliPercent,
        Cause cause,
        long strandedUnits) {
    /** Why a rule is not met. */
    public enum Cause {
        MET,
        /** Above the cap by work that has no other supplier: without it, it would be within, or it is above alone. */
        PINNED_WORK,
        /** Above a hard cap since chips left, the cap came later, or work was excepted; it ends as work ends. */
        ABOVE_CAP,
        /** Above a cap that blocks nothing. */
        NOT_ENFORCED,
        /** Within the cap and beyond the target, by more than the hysteresis. */
        ABOVE_TARGET,
        /** Not below the floor and short of the target, by more than the hysteresis, though there are chips. */
        BELOW_TARGET,
        /** Below the floor or the target, and no class rests on the supplier at this tier. */
        NO_SUCH_SUPPLIER,
        /** Below the floor or the target, and less than that is installed of the supplier. */
        BEYOND_INSTALLED,
        /** Below the floor, though there are chips: too little work runs on them. */
        TOO_LITTLE_WORK,
        /** There is nothing to have a share of: nothing is installed, or nobody is entitled to anything. */
        NO_BASIS
    }

    public boolean met() {
        return cause == Cause.MET;
    }
}
