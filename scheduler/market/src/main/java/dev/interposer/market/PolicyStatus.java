package dev.interposer.market;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one policy stands.
 *
 * @param policyName the policy
 * @param rules how its rules stand, in their order
 * @param inference how what it asks of replicas stands; null if it asks nothing
 */
public record PolicyStatus(
        String policyName, List<RuleStatus> rules, @Nullable InferenceStatus inference) {
    public PolicyStatus {
        rules = List.copyOf(rules);
    }

    public boolean met() {
        return rules.stream().allMatch(RuleStatus::met) && (inference == null || inference.met());
    }
}
