package dev.interposer.market;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.sourcing.Origins;
import dev.interposer.engine.sourcing.Sourcing.RuleUse;
import dev.interposer.engine.sourcing.SupplyCounters.Cell;
import dev.interposer.engine.sourcing.SupplyCounters.Count;
import dev.interposer.engine.state.Settings;
import dev.interposer.market.RuleStatus.Cause;
import java.util.Map;

/** Holds each rule against what is used, what is installed and what could not go elsewhere. */
final class PolicyReport {
    private final Settings settings;
    private final Map<Cell, Count> counts;

    PolicyReport(Settings settings, Map<Cell, Count> counts) {
        this.settings = settings;
        this.counts = counts;
    }

    RuleStatus status(RuleUse use) {
        SourcingRule rule = use.rule();
        long of = use.denominator();
        long[] installed = installed(rule);
        long capped = rule.capPercent() == SourcingPolicy.NO_BOUND
                ? installed[0]
                : Math.max(of / 100 * rule.capPercent(), minimum(use.policy()));
        return new RuleStatus(
                rule,
                Ratio.milliPercent(use.used(), of),
                Ratio.milliPercent(use.used() + use.unknown(), of),
                Ratio.milliPercent(installed[0], installed[1]),
                Ratio.milliPercent(use.pinned(), of),
                cause(use, installed[0]),
                Math.max(0, installed[0] - capped));
    }

    private Cause cause(RuleUse use, long installed) {
        SourcingRule rule = use.rule();
        long of = use.denominator();
        if (of == 0) {
            return Cause.NO_BASIS;
        }
        int cap = bound(rule.capPercent(), rule.wishedMost());
        if (cap >= 0 && above(use.used(), use, cap)) {
            return above(use.pinned(), use, cap) ? Cause.PINNED_WORK : Cause.ABOVE_CAP;
        }
        int floor = bound(rule.floorPercent(), rule.wishedLeast());
        if (floor < 0 || use.used() >= of / 100 * floor) {
            return Cause.MET;
        }
        if (!restsOnSome(rule)) {
            return Cause.NO_SUCH_SUPPLIER;
        }
        return installed < of / 100 * floor ? Cause.BEYOND_INSTALLED : Cause.TOO_LITTLE_WORK;
    }

    /** What was bounded, else what was wished for. */
    private static int bound(int given, int wished) {
        return given == SourcingPolicy.NO_BOUND ? wished : given;
    }

    private static boolean above(long units, RuleUse use, int percent) {
        return units > minimum(use.policy()) && units * 100 > use.denominator() * percent;
    }

    private static long minimum(SourcingPolicy policy) {
        return policy.minimumReferenceDevices() * TierShares.UNITS_OF_DEVICE;
    }

    private boolean restsOnSome(SourcingRule rule) {
        return settings.classes().stream()
                        .anyMatch(chipClass ->
                                Origins.percent(chipClass, rule.tier(), Origins.BY_CLASS, settings, rule.supplierName())
                                        > 0)
                || installed(rule)[0] > 0;
    }

    /** Units that rest on the rule's supplier, and all. */
    private long[] installed(SourcingRule rule) {
        long[] sums = new long[2];
        for (Map.Entry<Cell, Count> entry : counts.entrySet()) {
            AcceleratorClass chipClass =
                    settings.acceleratorClass(entry.getKey().className());
            if (chipClass != null) {
                long percentOne = entry.getValue().installedMilli() * chipClass.referenceMilli();
                String seller = entry.getKey().seller();
                sums[0] += percentOne * Origins.percent(chipClass, rule.tier(), seller, settings, rule.supplierName());
                sums[1] += percentOne * 100;
            }
        }
        return sums;
    }
}
