package dev.interposer.cli.output;

import dev.interposer.proto.fleet.v1.Delivery;
import dev.interposer.proto.fleet.v1.Order;
import dev.interposer.proto.fleet.v1.Policy;
import dev.interposer.proto.fleet.v1.PolicyRule;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Orders, policies and measures of supply as tables. */
public final class SupplyTables {
    private SupplyTables() {}

    public static void orders(List<Order> orders, PrintWriter out) {
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
        table.print(out);
    }

    /** One line a rule, since a rule is what is met or missed. */
    public static void policies(List<Policy> policies, PrintWriter out) {
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
                        inference(policy),
                        "Hard");
            }
        }
        table.print(out);
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

    private static String inference(Policy policy) {
        List<String> bounds = new ArrayList<>();
        if (policy.getInferenceMinSuppliers() > 1) {
            bounds.add(policy.getInferenceMinSuppliers() + " suppliers");
        }
        if (policy.getInferenceMinLossCoveragePercent() > 0) {
            bounds.add(policy.getInferenceMinLossCoveragePercent() + "% left");
        }
        return String.join(", ", bounds);
    }
}
