package dev.interposer.server.view;

import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.SupplyOrder;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.proto.fleet.v1.Delivery;
import dev.interposer.proto.fleet.v1.ListOrdersResponse;
import dev.interposer.proto.fleet.v1.ListPoliciesResponse;
import dev.interposer.proto.fleet.v1.Order;
import dev.interposer.proto.fleet.v1.Policy;
import dev.interposer.proto.fleet.v1.PolicyException;
import dev.interposer.proto.fleet.v1.PolicyRule;
import java.util.Map;

/** Orders and sourcing policies of a state as messages. */
public final class SupplyViews {
    private SupplyViews() {}

    public static ListOrdersResponse orders(State state) {
        ListOrdersResponse.Builder response = ListOrdersResponse.newBuilder().setRevision(state.revision());
        for (SupplyOrder order : state.settings().orders()) {
            Order.Builder view = Order.newBuilder()
                    .setName(order.name())
                    .setSupplierName(order.supplierName())
                    .setClassName(order.className())
                    .setOrdered(order.devices())
                    .setReceived(received(state, order))
                    .setConfidencePercent(order.confidencePercent())
                    .setState(Names.camel(order.state()))
                    .putAllReceiveSelector(order.receiveSelector());
            order.deliveries()
                    .forEach(delivery -> view.addDeliveries(Delivery.newBuilder()
                            .setName(delivery.name())
                            .setCount(delivery.count())
                            .setPromisedDate(delivery.promisedDate())));
            response.addOrders(view);
        }
        return response.build();
    }

    public static ListPoliciesResponse policies(State state) {
        ListPoliciesResponse.Builder response =
                ListPoliciesResponse.newBuilder().setRevision(state.revision());
        state.settings().policies().forEach(policy -> response.addPolicies(policy(policy)));
        return response.build();
    }

    private static Policy policy(SourcingPolicy policy) {
        Policy.Builder view = Policy.newBuilder()
                .setName(policy.name())
                .addAllQueueNames(policy.scope().queueNames())
                .putAllJobSelector(policy.scope().jobSelector())
                .setBasis(Names.camel(policy.basis()))
                .setMinimumReferenceDevices(policy.minimumReferenceDevices())
                .setHysteresisPercent(policy.hysteresisPercent())
                .setPinnedWork(Names.camel(policy.pinnedWork()))
                .setInferenceTier(Names.camel(policy.inference().tier()))
                .setInferenceMinSuppliers(policy.inference().minSuppliers())
                .setInferenceMinLossCoveragePercent(policy.inference().minLossCoveragePercent());
        policy.rules().forEach(rule -> view.addRules(rule(rule)));
        policy.exceptions()
                .forEach(exception -> view.addExceptions(PolicyException.newBuilder()
                        .setName(exception.name())
                        .putAllJobSelector(exception.jobSelector())
                        .setReason(exception.reason())
                        .setUntilMicros(exception.untilMicros())));
        return view.build();
    }

    static PolicyRule rule(SourcingRule rule) {
        PolicyRule.Builder view = PolicyRule.newBuilder()
                .setTier(Names.camel(rule.tier()))
                .setSupplierName(rule.supplierName())
                .setEnforcement(Names.camel(rule.enforcement()));
        if (rule.capPercent() != SourcingPolicy.NO_BOUND) {
            view.setCapPercent(rule.capPercent());
        }
        if (rule.targetPercent() != SourcingPolicy.NO_BOUND) {
            view.setTargetPercent(rule.targetPercent());
        }
        if (rule.floorPercent() != SourcingPolicy.NO_BOUND) {
            view.setFloorPercent(rule.floorPercent());
        }
        return view.build();
    }

    /** Devices of the order's class on the nodes that its selector admits; without one, nothing counts. */
    private static long received(State state, SupplyOrder order) {
        if (order.receiveSelector().isEmpty()) {
            return 0;
        }
        return state.nodes().all().stream()
                .filter(node -> admits(order.receiveSelector(), node))
                .flatMap(node -> node.devices().stream())
                .filter(device -> device.className().equals(order.className()))
                .count();
    }

    private static boolean admits(Map<String, String> selector, NodeState node) {
        return node.info().labels().entrySet().containsAll(selector.entrySet());
    }
}
