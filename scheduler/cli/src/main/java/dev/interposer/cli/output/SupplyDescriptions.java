package dev.interposer.cli.output;

import dev.interposer.proto.fleet.v1.AcceleratorClass;
import dev.interposer.proto.fleet.v1.Delivery;
import dev.interposer.proto.fleet.v1.Order;
import dev.interposer.proto.fleet.v1.PartyCoverage;
import dev.interposer.proto.fleet.v1.Policy;
import dev.interposer.proto.fleet.v1.PolicyException;
import dev.interposer.proto.fleet.v1.PolicyState;
import dev.interposer.proto.fleet.v1.Supplier;
import dev.interposer.proto.fleet.v1.Supply;
import dev.interposer.proto.fleet.v1.SupplyShare;
import dev.interposer.proto.fleet.v1.SupplyTier;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Suppliers, orders and policies at length. */
public final class SupplyDescriptions {
    private SupplyDescriptions() {}

    /** What a description of a supplier draws on. */
    public record Sources(
            List<AcceleratorClass> classes, List<Order> orders, Supply supply, List<PartyCoverage> coverage) {}

    public static void supplier(Supplier supplier, Sources sources, Page page) {
        Table classes = new Table("CLASS", "INSTALLED", "HEALTHY", "TAKEN", "FOREIGN");
        for (AcceleratorClass one : sources.classes()) {
            if (one.getSupplierName().equals(supplier.getName())) {
                classes.row(one.getName(), one.getInstalled(), one.getHealthy(), one.getAllocated(), one.getForeign());
            }
        }
        Table orders = new Table("ORDER", "STATE", "CLASS", "ORDERED", "RECEIVED");
        for (Order order : sources.orders()) {
            if (order.getSupplierName().equals(supplier.getName())) {
                orders.row(
                        order.getName(),
                        order.getState(),
                        order.getClassName(),
                        order.getOrdered(),
                        order.getReceived());
            }
        }
        new Description(page)
                .field("Name", supplier.getName())
                .field("In full", supplier.getDisplayName())
                .field("Tiers", String.join(", ", supplier.getTiersList()))
                .field(
                        "Designed",
                        supplier.getInstalled() + " installed devices, " + supplier.getAllocated() + " taken"
                                + (supplier.getForeign() == 0 ? "" : ", " + supplier.getForeign() + " by others"))
                .field("Share", supplier.getInstalledShareMilli() / 10.0 + "% of all devices")
                .section("Shares of the fleet", shares(supplier, sources.supply()))
                .section("Classes", classes)
                .section("Orders", orders)
                .section("If it is lost", lost(sources.coverage()))
                .print();
    }

    private static Table shares(Supplier supplier, Supply supply) {
        Table table = new Table("TIER", "OF", "SHARE");
        for (SupplyTier tier : supply.getTiersList()) {
            for (SupplyShare share : tier.getSuppliersList()) {
                if (share.getSupplierName().equals(supplier.getName())) {
                    String least = Decimals.percent(share.getLeastMilliPercent());
                    String most = Decimals.percent(share.getMostMilliPercent());
                    table.row(tier.getTier(), tier.getMeasure(), least.equals(most) ? least : least + " to " + most);
                }
            }
        }
        return table;
    }

    private static Table lost(List<PartyCoverage> coverage) {
        Table table = new Table("TIER", "EFFECT", "DEVICES", "GANGS HIT", "WORK KEPT", "IF PLACED ANEW");
        for (PartyCoverage one : coverage) {
            table.row(
                    one.getTier(),
                    one.getEffect(),
                    one.getLostDevices(),
                    one.getHitGangs(),
                    Decimals.percent(one.getStillMilliPercent()),
                    Decimals.percent(one.getReplanMilliPercent()));
        }
        return table;
    }

    public static void order(Order order, Page page) {
        Table deliveries = new Table("DELIVERY", "DEVICES", "PROMISED");
        for (Delivery delivery : order.getDeliveriesList()) {
            deliveries.row(delivery.getName(), delivery.getCount(), delivery.getPromisedDate());
        }
        new Description(page)
                .field("Name", order.getName())
                .field("Supplier", order.getSupplierName())
                .field("Class", order.getClassName())
                .state("State", order.getState())
                .field("Received", order.getReceived() + " of " + order.getOrdered() + " devices")
                .field("Confidence", order.getConfidencePercent() + "%")
                .labels("Received on", order.getReceiveSelectorMap())
                .section("Deliveries", deliveries)
                .print();
    }

    public static void policy(Policy policy, Supply supply, Page page) {
        Table exceptions = new Table("EXCEPTION", "JOBS", "REASON", "UNTIL");
        for (PolicyException one : policy.getExceptionsList()) {
            exceptions.row(one.getName(), selector(one.getJobSelectorMap()), one.getReason(), time(one));
        }
        List<PolicyState> states = supply.getPoliciesList().stream()
                .filter(state -> state.getName().equals(policy.getName()))
                .toList();
        new Description(page)
                .field("Name", policy.getName())
                .field("Queues", policy.getQueueNamesCount() == 0 ? "all" : queues(policy))
                .labels("Jobs", policy.getJobSelectorMap())
                .field("Basis", policy.getBasis())
                .field("Minimum", policy.getMinimumReferenceDevices() + " reference devices")
                .field("Hysteresis", policy.getHysteresisPercent() + "%")
                .field("Pinned work", policy.getPinnedWork())
                .field("Met", states.isEmpty() ? "" : states.getFirst().getMet() ? "yes" : "no")
                .section("Rules", SupplyTables.rules(states))
                .section(
                        "Replicas",
                        SupplyTables.replicas(states.stream()
                                .filter(PolicyState::hasInference)
                                .toList()))
                .section("Exceptions", exceptions)
                .print();
    }

    private static String queues(Policy policy) {
        return String.join(", ", policy.getQueueNamesList()) + " and below";
    }

    private static String selector(Map<String, String> labels) {
        return new TreeMap<>(labels)
                .entrySet().stream()
                        .map(label -> label.getKey() + "=" + label.getValue())
                        .collect(Collectors.joining(","));
    }

    private static String time(PolicyException exception) {
        return Instant.EPOCH.plus(exception.getUntilMicros(), ChronoUnit.MICROS).toString();
    }
}
