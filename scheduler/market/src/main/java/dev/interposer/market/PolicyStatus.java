package dev.interposer.market;

import java.util.List;

/** How the rules of one policy stand, in their order. */
public record PolicyStatus(String policyName, List<RuleStatus> rules) {
    public PolicyStatus {
        rules = List.copyOf(rules);
    }

    public boolean met() {
        return rules.stream().allMatch(RuleStatus::met);
    }
}
