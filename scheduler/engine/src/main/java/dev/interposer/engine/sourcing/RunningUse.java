package dev.interposer.engine.sourcing;

import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.sourcing.Rulebook.ClassPart;
import dev.interposer.engine.sourcing.Sourcing.RuleUse;
import dev.interposer.engine.state.Settings;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.List;

/** What runs, held against each rule, for reports: how much of it is pinned, how much rests on nobody knows whom. */
final class RunningUse {
    private final Rulebook book;
    private final Settings settings;
    private final long[] pinned;
    private final long[] unknown;

    RunningUse(Rulebook book, Settings settings) {
        this.book = book;
        this.settings = settings;
        this.pinned = new long[book.ruleCount()];
        this.unknown = new long[book.ruleCount()];
    }

    void add(Match match, WorkerState worker, String seller) {
        ClassPart part = book.part(worker.gang().className());
        if (part == null) {
            return;
        }
        long milli = SupplyCounters.milliOf(worker, part.chipClass());
        for (int n = 0; n < match.size(); n++) {
            int policy = match.policy(n);
            for (int rule = book.first(policy); rule < book.first(policy + 1); rule++) {
                SourcingRule bound = book.rule(rule);
                unknown[rule] += part.units(milli, percent(part, bound, seller, Origins.UNKNOWN));
                if (match.ways().pinned(book::sellersOf, bound.tier(), bound.supplierName())) {
                    pinned[rule] += part.units(milli, percent(part, bound, seller, bound.supplierName()));
                }
            }
        }
    }

    private int percent(ClassPart part, SourcingRule rule, String seller, String supplierName) {
        return Origins.percent(part.chipClass(), rule.tier(), seller, settings, supplierName);
    }

    List<RuleUse> uses() {
        List<RuleUse> uses = new ArrayList<>();
        for (int policy = 0; policy < book.policies().size(); policy++) {
            for (int rule = book.first(policy); rule < book.first(policy + 1); rule++) {
                uses.add(new RuleUse(
                        book.policies().get(policy),
                        book.rule(rule),
                        book.used(rule),
                        pinned[rule],
                        unknown[rule],
                        book.denominator(policy)));
            }
        }
        return uses;
    }
}
