package dev.interposer.market;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.sourcing.ChipShare;
import dev.interposer.engine.sourcing.Portability;
import dev.interposer.engine.sourcing.Sourcing;
import dev.interposer.engine.sourcing.Sourcing.RuleUse;
import dev.interposer.engine.sourcing.SupplyCounters;
import dev.interposer.engine.sourcing.SupplyCounters.Cell;
import dev.interposer.engine.sourcing.SupplyCounters.Count;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All measures of supply of one state.
 *
 * <p><b>Goals.</b> One picture at one revision: shares and concentration by tier, scarcity by class, policies with the
 * cause of what they miss, work that could and that could not go elsewhere.
 *
 * <p><b>Constraints.</b> Integers only, so that two readers of one revision see the same. Counts follow the state by
 * increments, and so do what waits and what runs; only what runs is walked for a report.
 *
 * <p><b>Algorithm.</b> The formulas and their sources are in docs/SUPPLY.md.
 */
public final class SupplyMeasures {
    /** How far ahead work and deliveries count unless somebody asks otherwise: a day. */
    public static final long DEFAULT_HORIZON_SECONDS = 86_400;

    private final State state;
    private final SupplyCounters counters;
    private final Sourcing sourcing;
    /** By the numbers under which the sourcing knows them. */
    private final List<String> classNames = new ArrayList<>();

    private final OpenWork open;
    private List<FleetImage.NodeImage> nodes = List.of();

    private SupplyMeasures(State state) {
        this.state = state;
        this.counters = SupplyCounters.following(state);
        this.sourcing = Sourcing.following(state, classNames::get);
        this.open = OpenWork.following(state);
    }

    /** Follows a state from here on. Not safe for use by several threads. */
    public static SupplyMeasures following(State state) {
        return new SupplyMeasures(state);
    }

    /** Whether it follows this very state. */
    public boolean follows(State other) {
        return state == other;
    }

    public SupplyReport report(long horizonSeconds) {
        Map<Cell, Count> counts = counters.all();
        WorkAhead work = work(counts, horizonSeconds);
        return new SupplyReport(
                state.revision(),
                state.atMicros(),
                horizonSeconds,
                classes(counts, work, horizonSeconds),
                tiers(counts),
                policies(counts),
                work.queues());
    }

    /** A copy of what runs where. */
    public FleetImage image() {
        FleetImage image = FleetImage.of(state, open.running(), nodes);
        nodes = image.nodes();
        return image;
    }

    private List<TierShares> tiers(Map<Cell, Count> counts) {
        List<TierShares> tiers = new ArrayList<>();
        for (Tier tier : Tier.values()) {
            for (Measure measure : Measure.values()) {
                tiers.add(TierShares.of(counts, state.settings(), tier, measure));
            }
        }
        return tiers;
    }

    private WorkAhead work(Map<Cell, Count> counts, long horizonSeconds) {
        Map<String, Long> forWork = new HashMap<>();
        Map<String, Long> free = new HashMap<>();
        counts.forEach((cell, count) -> {
            forWork.merge(cell.className(), count.installedMilli() - count.observedMilli(), Long::sum);
            free.merge(cell.className(), count.openMilli(), Long::sum);
        });
        return WorkAhead.of(state, open, forWork, free, horizonSeconds);
    }

    private List<ClassSupply> classes(Map<Cell, Count> counts, WorkAhead work, long horizonSeconds) {
        TreeMap<String, Count> byClass = new TreeMap<>();
        counts.forEach((cell, count) -> byClass.merge(cell.className(), count, Count::plus));
        List<ClassSupply> classes = new ArrayList<>();
        for (AcceleratorClass chipClass : state.settings().classes()) {
            String name = chipClass.name();
            Count count = byClass.getOrDefault(name, Count.NONE);
            long supply = count.openMilli() * horizonSeconds + Deliveries.ahead(state, name, horizonSeconds);
            classes.add(new ClassSupply(
                    name,
                    chipClass.supplierName(),
                    chipClass.referenceMilli(),
                    count,
                    work.pinned(name),
                    work.flexible(name),
                    supply));
        }
        return classes;
    }

    private List<PolicyStatus> policies(Map<Cell, Count> counts) {
        PolicyReport report = new PolicyReport(state.settings(), counts);
        TreeMap<String, List<RuleStatus>> byPolicy = new TreeMap<>();
        for (RuleUse use : sourcing.uses()) {
            byPolicy.computeIfAbsent(use.policy().name(), name -> new ArrayList<>())
                    .add(report.status(use));
        }
        boolean asked = state.settings().policies().stream()
                .anyMatch(policy -> policy.inference().binds());
        InferenceReport replicas = new InferenceReport(
                state.settings(), installed(counts)::contains, asked ? open.serving() : List.of(), this::blocks);
        List<PolicyStatus> policies = new ArrayList<>();
        for (SourcingPolicy policy : state.settings().policies()) {
            List<RuleStatus> rules = byPolicy.getOrDefault(policy.name(), List.of());
            policies.add(new PolicyStatus(policy.name(), rules, replicas.status(policy)));
        }
        return policies;
    }

    /** Classes of which chips are there for work. */
    private static Set<String> installed(Map<Cell, Count> counts) {
        return counts.entrySet().stream()
                .filter(entry ->
                        entry.getValue().installedMilli() > entry.getValue().observedMilli())
                .map(entry -> entry.getKey().className())
                .collect(Collectors.toSet());
    }

    private @Nullable Reason blocks(JobState job, AcceleratorClass candidate) {
        int number = classNames.indexOf(candidate.name());
        if (number < 0) {
            number = classNames.size();
            classNames.add(candidate.name());
        }
        int profile = Portability.profileFor(job.spec(), candidate);
        return sourcing.blocks(job, number, ChipShare.ofSmallestGang(candidate, job.spec(), profile));
    }
}
