package dev.interposer.cli.output;

import dev.interposer.proto.fleet.v1.ClassSupply;
import dev.interposer.proto.fleet.v1.Coverage;
import dev.interposer.proto.fleet.v1.Delivery;
import dev.interposer.proto.fleet.v1.InferenceState;
import dev.interposer.proto.fleet.v1.Order;
import dev.interposer.proto.fleet.v1.PartyCoverage;
import dev.interposer.proto.fleet.v1.Policy;
import dev.interposer.proto.fleet.v1.PolicyRule;
import dev.interposer.proto.fleet.v1.PolicyState;
import dev.interposer.proto.fleet.v1.QueueWork;
import dev.interposer.proto.fleet.v1.RuleState;
import dev.interposer.proto.fleet.v1.Supply;
import dev.interposer.proto.fleet.v1.SupplyShare;
import dev.interposer.proto.fleet.v1.SupplyTier;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Orders, policies and measures of supply as tables. */
public final class SupplyTables {
    private SupplyTables() {}

    public static Table orders(List<Order> orders) {
        Table table = new Table("NAME", "SUPPLIER", "CLASS", "RECEIVED", "NEXT", "CONFIDENCE", "STATE");
        for (Order order : orders) {
            table.row(
                    order.getName(),
                    order.getSupplierName(),
                    order.getClassName(),
                    order.getReceived() + "/" + order.getOrdered(),
                    next(order),
                    order.getConfidencePercent() + "%",
                    order.getState());
        }
        return table;
    }

    /** One line a rule, since a rule is what is met or missed. */
    public static Table policies(List<Policy> policies) {
        Table table = new Table("NAME", "SCOPE", "BASIS", "TIER", "SUPPLIER", "BOUNDS", "ENFORCEMENT");
        for (Policy policy : policies) {
            for (PolicyRule rule : policy.getRulesList()) {
                table.row(
                        policy.getName(),
                        scope(policy),
                        policy.getBasis(),
                        rule.getTier(),
                        rule.getSupplierName(),
                        bounds(rule),
                        rule.getEnforcement());
            }
            if (policy.getInferenceMinSuppliers() > 1 || policy.getInferenceMinLossCoveragePercent() > 0) {
                table.row(
                        policy.getName(),
                        scope(policy),
                        "Replicas",
                        policy.getInferenceTier(),
                        "each",
                        replicas(policy.getInferenceMinSuppliers(), policy.getInferenceMinLossCoveragePercent()),
                        "Hard");
            }
        }
        return table;
    }

    public static void supply(Supply supply, Page page) {
        PrintWriter out = page.out();
        out.printf(
                "revision %d; work and deliveries count %d h ahead; shares are of reference devices%n%n",
                supply.getRevision(), supply.getHorizonSeconds() / 3600);
        classes(supply, out);
        out.println();
        shares(supply, out);
        out.println();
        work(supply, out);
        if (supply.getPoliciesCount() > 0) {
            out.println();
            states(supply, page);
            replicas(
                    supply.getPoliciesList().stream()
                            .filter(PolicyState::hasInference)
                            .toList(),
                    page);
        }
    }

    private static void classes(Supply supply, PrintWriter out) {
        Table table = new Table(
                "CLASS",
                "REFERENCE",
                "INSTALLED",
                "HEALTHY",
                "TAKEN",
                "FOREIGN",
                "PINNED h",
                "FLEXIBLE h",
                "SUPPLY h",
                "SCARCITY");
        for (ClassSupply chipClass : supply.getClassesList()) {
            table.row(
                    chipClass.getClassName(),
                    Decimals.milli(chipClass.getReferenceMilli()),
                    Decimals.milli(chipClass.getInstalledMilli()),
                    Decimals.milli(chipClass.getHealthyMilli()),
                    Decimals.milli(chipClass.getAllocatedMilli()),
                    Decimals.milli(chipClass.getForeignMilli()),
                    Decimals.hours(chipClass.getPinnedDeviceSeconds()),
                    Decimals.hours(chipClass.getFlexibleDeviceSeconds()),
                    Decimals.hours(chipClass.getSupplyDeviceSeconds()),
                    chipClass.hasScarcityMilli() ? Decimals.milli(chipClass.getScarcityMilli()) : "no supply");
        }
        table.print(out);
    }

    private static void shares(Supply supply, PrintWriter out) {
        Table table = new Table("TIER", "SUPPLIER", "INSTALLED", "HEALTHY", "TAKEN", "HHI", "EFFECTIVE", "LARGEST");
        Map<String, Map<String, SupplyTier>> tiers = new LinkedHashMap<>();
        supply.getTiersList()
                .forEach(tier -> tiers.computeIfAbsent(tier.getTier(), name -> new LinkedHashMap<>())
                        .put(tier.getMeasure(), tier));
        tiers.forEach((name, measures) -> {
            SupplyTier installed = measures.getOrDefault("Installed", SupplyTier.getDefaultInstance());
            table.row(
                    name,
                    "all",
                    Decimals.milli(installed.getReferenceMilli()),
                    Decimals.milli(measures.getOrDefault("Healthy", SupplyTier.getDefaultInstance())
                            .getReferenceMilli()),
                    Decimals.milli(measures.getOrDefault("Allocated", SupplyTier.getDefaultInstance())
                            .getReferenceMilli()),
                    interval(
                            Integer.toString(installed.getLeast().getHhi()),
                            Integer.toString(installed.getMost().getHhi())),
                    interval(
                            Decimals.milli(installed.getMost().getEffectiveMilli()),
                            Decimals.milli(installed.getLeast().getEffectiveMilli())),
                    interval(
                            Decimals.percent(installed.getLeast().getLargestMilliPercent()),
                            Decimals.percent(installed.getMost().getLargestMilliPercent())));
            for (SupplyShare share : installed.getSuppliersList()) {
                String supplier = share.getSupplierName();
                table.row(
                        name,
                        supplier,
                        share(installed, supplier),
                        share(measures.get("Healthy"), supplier),
                        share(measures.get("Allocated"), supplier),
                        "",
                        "",
                        "");
            }
            if (installed.getUnknownMilliPercent() > 0) {
                table.row(name, "unknown", Decimals.percent(installed.getUnknownMilliPercent()), "", "", "", "", "");
            }
        });
        table.print(out);
    }

    private static String share(@Nullable SupplyTier tier, String supplier) {
        if (tier != null) {
            for (SupplyShare share : tier.getSuppliersList()) {
                if (share.getSupplierName().equals(supplier)) {
                    return interval(
                            Decimals.percent(share.getLeastMilliPercent()),
                            Decimals.percent(share.getMostMilliPercent()));
                }
            }
        }
        return "";
    }

    private static void work(Supply supply, PrintWriter out) {
        Table table =
                new Table("QUEUE", "PINNED RUNNING h", "PINNED WAITING h", "PORTABLE RUNNING h", "PORTABLE WAITING h");
        for (QueueWork queue : supply.getQueuesList()) {
            table.row(
                    queue.getQueueName(),
                    Decimals.hours(queue.getPinnedRunningDeviceSeconds()),
                    Decimals.hours(queue.getPinnedWaitingDeviceSeconds()),
                    Decimals.hours(queue.getPortableRunningDeviceSeconds()),
                    Decimals.hours(queue.getPortableWaitingDeviceSeconds()));
        }
        table.print(out);
    }

    private static void states(Supply supply, Page page) {
        rules(supply.getPoliciesList()).print(page.out(), page.colours());
    }

    /** How the rules of policies stand. */
    static Table rules(List<PolicyState> policies) {
        Table table = new Table(
                "POLICY",
                "TIER",
                "SUPPLIER",
                "BOUNDS",
                "ENFORCEMENT",
                "SHARE",
                "PINNED",
                "INSTALLED",
                "STRANDED",
                "STATE");
        for (PolicyState policy : policies) {
            for (RuleState rule : policy.getRulesList()) {
                table.row(
                        policy.getName(),
                        rule.getRule().getTier(),
                        rule.getRule().getSupplierName(),
                        bounds(rule.getRule()),
                        rule.getRule().getEnforcement(),
                        interval(
                                Decimals.percent(rule.getShareMilliPercent()),
                                Decimals.percent(rule.getMostShareMilliPercent())),
                        Decimals.percent(rule.getPinnedMilliPercent()),
                        Decimals.percent(rule.getInstalledMilliPercent()),
                        Decimals.milli(rule.getStrandedReferenceMilli()),
                        rule.getCause());
            }
        }
        return table;
    }

    private static void replicas(List<PolicyState> policies, Page page) {
        PrintWriter out = page.out();
        if (policies.isEmpty()) {
            return;
        }
        out.println();
        replicas(policies).print(out, page.colours());
        for (PolicyState policy : policies) {
            if (policy.getInference().getBlockedJobs() > 0) {
                out.println();
                out.println(policy.getName() + " blocks: "
                        + String.join(", ", policy.getInference().getBlockedJobNamesList()));
            }
        }
    }

    /** How what policies ask of replicas stands. */
    static Table replicas(List<PolicyState> policies) {
        Table table = new Table("POLICY", "TIER", "REPLICAS", "SUPPLIERS", "JOBS", "SHORT", "BLOCKED", "STATE");
        for (PolicyState policy : policies) {
            InferenceState state = policy.getInference();
            table.row(
                    policy.getName(),
                    state.getTier(),
                    replicas(state.getMinSuppliers(), state.getMinLossCoveragePercent()),
                    state.getInstalledSuppliers(),
                    state.getJobs(),
                    state.getShortJobs(),
                    state.getBlockedJobs(),
                    state.getCause());
        }
        return table;
    }

    public static void coverage(Coverage coverage, boolean withJobs, Page page) {
        PrintWriter out = page.out();
        out.printf(
                "revision %d; weight kept without each supplier, a lower bound by placement on a copy%n%n",
                coverage.getRevision());
        Table table = new Table("TIER", "SUPPLIER", "LOSS", "DEVICES", "GANGS HIT", "STILL", "RE-PLAN");
        for (PartyCoverage party : coverage.getPartiesList()) {
            table.row(
                    party.getTier(),
                    party.getSupplierName(),
                    party.getEffect().equals("StopsChips") ? "stops chips" : "stops deliveries",
                    party.getLostDevices(),
                    party.getHitGangs(),
                    Decimals.percent(party.getStillMilliPercent()),
                    Decimals.percent(party.getReplanMilliPercent()));
        }
        table.print(out);
        for (PartyCoverage party : coverage.getPartiesList()) {
            if (withJobs && party.getLostJobsCount() > 0) {
                out.println();
                out.println("without " + party.getSupplierName() + " (" + party.getTier() + ") no place for: "
                        + String.join(", ", party.getLostJobsList()));
            }
        }
    }

    private static String interval(String least, String most) {
        return least.equals(most) ? least : least + " - " + most;
    }

    /** The first lot that what came so far does not cover. */
    private static String next(Order order) {
        long left = order.getReceived();
        for (Delivery delivery : order.getDeliveriesList()) {
            left -= delivery.getCount();
            if (left < 0) {
                return delivery.getName() + " " + delivery.getPromisedDate();
            }
        }
        return "";
    }

    private static String scope(Policy policy) {
        List<String> parts = new ArrayList<>(policy.getQueueNamesList());
        String labels = policy.getJobSelectorMap().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(","));
        if (!labels.isEmpty()) {
            parts.add(labels);
        }
        return parts.isEmpty() ? "fleet" : String.join(",", parts);
    }

    private static String bounds(PolicyRule rule) {
        List<String> bounds = new ArrayList<>();
        if (rule.hasFloorPercent()) {
            bounds.add("floor " + rule.getFloorPercent() + "%");
        }
        if (rule.hasTargetPercent()) {
            bounds.add("target " + rule.getTargetPercent() + "%");
        }
        if (rule.hasCapPercent()) {
            bounds.add("cap " + rule.getCapPercent() + "%");
        }
        return String.join(", ", bounds);
    }

    private static String replicas(int minSuppliers, int minLossCoveragePercent) {
        List<String> bounds = new ArrayList<>();
        if (minSuppliers > 1) {
            bounds.add(minSuppliers + " suppliers");
        }
        if (minLossCoveragePercent > 0) {
            bounds.add(minLossCoveragePercent + "% left");
        }
        return String.join(", ", bounds);
    }
}
