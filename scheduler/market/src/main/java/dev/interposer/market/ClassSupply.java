package dev.interposer.market;

import dev.interposer.engine.sourcing.SupplyCounters.Count;
import java.util.OptionalLong;

/**
 * How one class stands.
 *
 * @param className the class
 * @param supplierName its designer
 * @param referenceMilli thousandths of a reference device that a chip counts as
 * @param count chips
 * @param pinnedDemand thousandths of chips × seconds that run on it or that nothing else can serve
 * @param flexibleDemand its part of the waiting work that could go elsewhere
 * @param supply healthy chips that nobody else uses over the horizon, and deliveries expected within it
 */
public record ClassSupply(
        String className,
        String supplierName,
        long referenceMilli,
        Count count,
        long pinnedDemand,
        long flexibleDemand,
        long supply) {
    /**
     * Scarcity index in thousandths: demand ÷ supply, 1000 where they meet. Empty where there is demand and no supply.
     */
    public OptionalLong scarcityMilli() {
        long demand = pinnedDemand + flexibleDemand;
        if (supply == 0) {
            return demand == 0 ? OptionalLong.of(0) : OptionalLong.empty();
        }
        return OptionalLong.of(Ratio.of(demand, supply, 1000));
    }
}
