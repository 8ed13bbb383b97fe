package dev.interposer.engine.sourcing;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Basis;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.sourcing.SupplyCounters.Cell;
import dev.interposer.engine.sourcing.SupplyCounters.Count;
import dev.interposer.engine.state.Settings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The policies that are in force, compiled: rules in one row, each with its denominator and what is used of it.
 *
 * <p>Amounts are in units of 10⁻⁸ reference device: thousandths of a chip × thousandths of a reference device × percent
 * of a supplier. Nothing is rounded.
 */
final class Rulebook {
    /** A whole chip's worth of percent. */
    static final long WHOLE_PERCENT = 100;

    private final Settings settings;
    private final List<SourcingPolicy> policies;
    private final List<SourcingRule> rules = new ArrayList<>();
    private final int[] firstRule;
    private final long[] entitled;
    private final long[] minimum;
    private final long[] used;
    private final Map<String, ClassPart> parts = new HashMap<>();
    private final boolean bySeller;
    private long installed;
    private Map<String, Set<String>> sellers = Map.of();

    /** What a class means to each rule. */
    static final class ClassPart {
        private final AcceleratorClass chipClass;
        private final int[] percent;
        private final int[] worst;

        private ClassPart(AcceleratorClass chipClass, int rules) {
            this.chipClass = chipClass;
            this.percent = new int[rules];
            this.worst = new int[rules];
        }

        AcceleratorClass chipClass() {
            return chipClass;
        }

        /** Most percent of it that count for a rule, wherever its chips stand. */
        int worst(int rule) {
            return worst[rule];
        }

        long units(long milliDevices, int share) {
            return milliDevices * chipClass.referenceMilli() * share;
        }
    }

    Rulebook(Settings settings) {
        this.settings = settings;
        this.policies = List.copyOf(settings.policies());
        this.firstRule = new int[policies.size() + 1];
        this.entitled = new long[policies.size()];
        this.minimum = new long[policies.size()];
        Entitlement entitlement = new Entitlement(settings);
        for (int index = 0; index < policies.size(); index++) {
            SourcingPolicy policy = policies.get(index);
            rules.addAll(policy.rules());
            firstRule[index + 1] = rules.size();
            entitled[index] = ChipShare.CHIP * WHOLE_PERCENT * entitlement.referenceMilli(policy.scope());
            minimum[index] = policy.minimumReferenceDevices()
                    * AcceleratorClass.REFERENCE_DEVICE
                    * ChipShare.CHIP
                    * WHOLE_PERCENT;
        }
        this.used = new long[rules.size()];
        this.bySeller = rules.stream().anyMatch(rule -> rule.tier() == Tier.SELLER);
    }

    /** What is installed changed. */
    void install(Map<Cell, Count> counts) {
        installed = 0;
        Map<String, Set<String>> found = new HashMap<>();
        for (Map.Entry<Cell, Count> entry : counts.entrySet()) {
            String name = entry.getKey().className();
            AcceleratorClass chipClass = settings.acceleratorClass(name);
            long milli = entry.getValue().installedMilli();
            if (chipClass != null && milli > 0) {
                installed += milli * chipClass.referenceMilli() * WHOLE_PERCENT;
            }
            // Chips on nodes that are only looked at are installed, and no way out for anybody.
            if (chipClass != null && entry.getValue().observedMilli() < milli) {
                found.computeIfAbsent(name, key -> new HashSet<>())
                        .add(entry.getKey().seller());
            }
        }
        if (!found.equals(sellers)) {
            // Who sells a class decides the worst case of its parts.
            parts.clear();
            sellers = found;
        }
    }

    /** Whether any of it is on a node that is there for work. */
    boolean isInstalled(String className) {
        return sellers.containsKey(className);
    }

    /** Who sold what of a class is on nodes that are there for work; nobody where nothing is. */
    Set<String> sellersOf(String className) {
        return sellers.getOrDefault(className, Set.of());
    }

    /** Whether it makes a difference to any rule who sold a node. */
    boolean asksForSellers() {
        return bySeller;
    }

    /** Null for a class that is gone. */
    @Nullable
    ClassPart part(String className) {
        ClassPart part = parts.get(className);
        if (part == null) {
            AcceleratorClass chipClass = settings.acceleratorClass(className);
            if (chipClass == null) {
                return null;
            }
            part = compile(chipClass);
            parts.put(className, part);
        }
        return part;
    }

    private ClassPart compile(AcceleratorClass chipClass) {
        ClassPart part = new ClassPart(chipClass, rules.size());
        for (int rule = 0; rule < rules.size(); rule++) {
            part.percent[rule] = percent(chipClass, rule, Origins.BY_CLASS);
            part.worst[rule] = part.percent[rule];
            for (String seller : sellersOf(chipClass.name())) {
                part.worst[rule] = Math.max(part.worst[rule], percent(chipClass, rule, seller));
            }
        }
        return part;
    }

    private int percent(AcceleratorClass chipClass, int rule, String seller) {
        SourcingRule wanted = rules.get(rule);
        return Origins.percent(chipClass, wanted.tier(), seller, settings, wanted.supplierName());
    }

    List<SourcingPolicy> policies() {
        return policies;
    }

    int ruleCount() {
        return rules.size();
    }

    SourcingRule rule(int rule) {
        return rules.get(rule);
    }

    /** Rules of a policy are those from here to below {@code first(policy + 1)}. */
    int first(int policy) {
        return firstRule[policy];
    }

    /** What shares of a policy are shares of. */
    long denominator(int policy) {
        return policies.get(policy).basis() == Basis.INSTALLED ? installed : entitled[policy];
    }

    long used(int rule) {
        return used[rule];
    }

    /** A worker comes or goes. */
    void use(int policy, ClassPart part, String seller, long signedMilli) {
        boolean sold = bySeller && !seller.equals(Origins.BY_CLASS);
        for (int rule = first(policy); rule < first(policy + 1); rule++) {
            int percent = sold && rules.get(rule).tier() == Tier.SELLER
                    ? percent(part.chipClass(), rule, seller)
                    : part.percent[rule];
            used[rule] += part.units(signedMilli, percent);
        }
    }

    /** Whether so much use of a rule's supplier is within its cap. */
    boolean fits(int policy, int rule, long units) {
        long of = denominator(policy);
        return units <= minimum[policy]
                || of == 0
                || units * 100 <= rules.get(rule).capPercent() * of;
    }

    /** The most use of a rule's supplier that is within its cap, where there is a denominator. */
    long most(int policy, int rule) {
        return Math.max(minimum[policy], rules.get(rule).capPercent() * denominator(policy) / 100);
    }
}
