package dev.interposer.market;

import java.util.List;

/**
 * How supply stands at one revision.
 *
 * @param revision of the state
 * @param atMicros its time
 * @param horizonSeconds how far ahead work and deliveries count
 * @param classes in the order of their names
 * @param tiers every measure of every tier
 * @param policies in the order of their names
 * @param queues work by queue, in the order of names
 */
public record SupplyReport(
        long revision,
        long atMicros,
        long horizonSeconds,
        List<ClassSupply> classes,
        List<TierShares> tiers,
        List<PolicyStatus> policies,
        List<QueueWork> queues) {
    public SupplyReport {
        classes = List.copyOf(classes);
        tiers = List.copyOf(tiers);
        policies = List.copyOf(policies);
        queues = List.copyOf(queues);
    }
}
