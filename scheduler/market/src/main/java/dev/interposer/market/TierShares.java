package dev.interposer.market;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.SupplierShare;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.sourcing.Origins;
import dev.interposer.engine.sourcing.SupplyCounters.Cell;
import dev.interposer.engine.sourcing.SupplyCounters.Count;
import dev.interposer.engine.state.Settings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The suppliers of one tier with their shares of the fleet.
 *
 * <p>Where a supplier is not known there is an interval: at one end each unknown supplier of a class is a firm of its
 * own (of sellers: of a class and a label of its nodes), at the other all of them are the largest known firm.
 *
 * @param tier the tier
 * @param measure which chips are counted
 * @param units 10⁻⁸ reference device over all suppliers
 * @param unknownMilliPercent part whose supplier is not known, thousandths of a percent
 * @param suppliers known ones, largest first
 * @param least concentration if unknown suppliers are all different
 * @param most concentration if unknown suppliers are all the largest known one
 */
public record TierShares(
        Tier tier,
        Measure measure,
        long units,
        int unknownMilliPercent,
        List<Share> suppliers,
        Concentration least,
        Concentration most) {
    /** Units of a reference device. */
    public static final long UNITS_OF_DEVICE = 100_000_000;

    /** Units of a thousandth of a reference device. */
    public static final long UNITS_OF_MILLI = UNITS_OF_DEVICE / 1000;

    public TierShares {
        suppliers = List.copyOf(suppliers);
    }

    /**
     * One supplier.
     *
     * @param supplierName the supplier
     * @param units 10⁻⁸ reference device
     * @param leastMilliPercent what is known to be its
     * @param mostMilliPercent that and everything whose supplier is not known
     */
    public record Share(String supplierName, long units, int leastMilliPercent, int mostMilliPercent) {}

    public static TierShares of(Map<Cell, Count> counts, Settings settings, Tier tier, Measure measure) {
        TreeMap<String, Long> known = new TreeMap<>();
        TreeMap<String, Long> unknown = new TreeMap<>();
        for (Map.Entry<Cell, Count> entry : counts.entrySet()) {
            AcceleratorClass chipClass =
                    settings.acceleratorClass(entry.getKey().className());
            if (chipClass == null) {
                continue;
            }
            long percentOne = measure.of(entry.getValue()) * chipClass.referenceMilli();
            for (SupplierShare share :
                    Origins.of(chipClass, tier, entry.getKey().seller(), settings)) {
                long units = percentOne * share.percent();
                if (units > 0 && share.supplierName().equals(Origins.UNKNOWN)) {
                    // Who sold a node says nothing of who made its chips.
                    String seller = tier == Tier.SELLER ? entry.getKey().seller() : Origins.BY_CLASS;
                    unknown.merge(chipClass.name() + "/" + seller, units, Long::sum);
                } else if (units > 0) {
                    known.merge(share.supplierName(), units, Long::sum);
                }
            }
        }
        return of(tier, measure, known, unknown.values());
    }

    private static TierShares of(Tier tier, Measure measure, Map<String, Long> known, Collection<Long> unknown) {
        long unclear = unknown.stream().mapToLong(Long::longValue).sum();
        long total =
                unclear + known.values().stream().mapToLong(Long::longValue).sum();
        List<Share> shares = new ArrayList<>();
        known.forEach((name, units) -> shares.add(
                new Share(name, units, Ratio.milliPercent(units, total), Ratio.milliPercent(units + unclear, total))));
        // Stable: equal shares stay in the order of their names.
        shares.sort((a, b) -> Long.compare(b.units(), a.units()));
        List<Long> apart = new ArrayList<>(known.values());
        apart.addAll(unknown);
        List<Long> merged = new ArrayList<>(shares.stream().map(Share::units).toList());
        if (merged.isEmpty()) {
            merged.add(unclear);
        } else {
            merged.set(0, merged.getFirst() + unclear);
        }
        return new TierShares(
                tier,
                measure,
                total,
                Ratio.milliPercent(unclear, total),
                shares,
                Concentration.of(apart),
                Concentration.of(merged));
    }
}
