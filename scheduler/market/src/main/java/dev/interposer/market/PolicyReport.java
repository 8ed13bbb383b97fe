package dev.interposer.market;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Enforcement;
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
        if (use.denominator() == 0) {
            return Cause.NO_BASIS;
        }
        if (given(rule.capPercent()) && above(use.used(), use, rule.capPercent())) {
            return aboveCap(use);
        }
        if (given(rule.floorPercent()) && below(use.used(), use, rule.floorPercent())) {
            return below(use, installed, rule.floorPercent(), Cause.TOO_LITTLE_WORK);
        }
        int slack = use.policy().hysteresisPercent();
        int target = rule.targetPercent();
        if (given(target) && rule.wishedMost() == target && above(use.used(), use, target + slack)) {
            return Cause.ABOVE_TARGET;
        }
        if (given(target) && rule.wishedLeast() == target && below(use.used(), use, target - slack)) {
            return below(use, installed, target - slack, Cause.BELOW_TARGET);
        }
        return Cause.MET;
    }

    private static Cause aboveCap(RuleUse use) {
        int cap = use.rule().capPercent();
        if (above(use.pinned(), use, cap) || !above(use.used() - use.pinned(), use, cap)) {
            return Cause.PINNED_WORK;
        }
        return use.rule().enforcement() == Enforcement.HARD ? Cause.ABOVE_CAP : Cause.NOT_ENFORCED;
    }

    private Cause below(RuleUse use, long installed, int percent, Cause otherwise) {
        if (!restsOnSome(use.rule())) {
            return Cause.NO_SUCH_SUPPLIER;
        }
        return below(installed, use, percent) ? Cause.BEYOND_INSTALLED : otherwise;
    }

    private static boolean given(int percent) {
        return percent != SourcingPolicy.NO_BOUND;
    }

    private static boolean below(long units, RuleUse use, int percent) {
        return units < use.denominator() / 100 * percent;
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
