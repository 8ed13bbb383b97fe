package dev.interposer.control.validate;

import dev.interposer.control.command.Command;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Enforcement;
import dev.interposer.engine.model.SourcingPolicy.SourcingException;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.SupplyOrder;
import dev.interposer.engine.model.SupplyOrder.OrderDelivery;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.state.Settings;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Whether orders and policies may be applied, against the objects of the same manifest and those that are there. */
final class SupplyCheck {
    private static final int MOST_DELIVERIES = 64;
    private static final int MOST_RULES = 32;
    private static final int MOST_EXCEPTIONS = 64;
    private static final int MOST_QUEUES = 64;
    private static final int MOST_SUPPLIERS = 16;
    /** Policies are walked at every start. */
    private static final int MOST_POLICIES = 64;

    private final Command.ApplyObjects apply;
    private final Settings settings;
    private final Violations violations;
    private final Map<String, Supplier> suppliers;

    SupplyCheck(Command.ApplyObjects apply, Settings settings, Violations violations, Map<String, Supplier> suppliers) {
        this.apply = apply;
        this.settings = settings;
        this.violations = violations;
        this.suppliers = suppliers;
    }

    void order(SupplyOrder order) {
        String at = "SupplyOrder/" + order.name();
        violations.name(at + ".metadata.name", order.name());
        supplier(at + ".spec.supplierName", order.supplierName());
        boolean known = settings.acceleratorClass(order.className()) != null
                || apply.classes().stream().map(AcceleratorClass::name).anyMatch(order.className()::equals);
        violations.require(
                known,
                at + ".spec.className",
                order.className(),
                "there is no such class. Maybe apply it first, or in the same manifest?");
        violations.within(at + ".spec.confidencePercent", order.confidencePercent(), 0, 100);
        violations.within(at + ".spec.deliveries", order.deliveries().size(), 1, MOST_DELIVERIES);
        Set<String> names = new HashSet<>();
        for (int index = 0; index < order.deliveries().size(); index++) {
            OrderDelivery delivery = order.deliveries().get(index);
            String path = at + ".spec.deliveries[" + index + "]";
            violations.label(path + ".name", delivery.name());
            violations.require(names.add(delivery.name()), path + ".name", delivery.name(), "comes twice");
            violations.within(path + ".count", delivery.count(), 1, 10_000_000);
            violations.date(path + ".promisedDate", delivery.promisedDate());
        }
    }

    void policy(SourcingPolicy policy) {
        String at = "SourcingPolicy/" + policy.name();
        violations.name(at + ".metadata.name", policy.name());
        boolean isNew = settings.policy(policy.name()) == null;
        long all = Stream.concat(settings.policies().stream(), apply.policies().stream())
                .map(SourcingPolicy::name)
                .distinct()
                .count();
        violations.require(!isNew || all <= MOST_POLICIES, at, all, "there are " + MOST_POLICIES + " policies at most");
        queues(at + ".spec.scope.queueNames", policy.scope().queueNames());
        violations.within(at + ".spec.minimumReferenceDevices", policy.minimumReferenceDevices(), 0, 10_000_000);
        violations.within(at + ".spec.hysteresisPercent", policy.hysteresisPercent(), 0, 50);
        violations.within(at + ".spec.rules", policy.rules().size(), 0, MOST_RULES);
        violations.require(
                !policy.rules().isEmpty() || policy.inference().binds(),
                at + ".spec.rules",
                "",
                "says nothing. Maybe a rule, or spec.inference?");
        for (int index = 0; index < policy.rules().size(); index++) {
            rule(at + ".spec.rules[" + index + "]", policy.rules().get(index));
        }
        violations.within(
                at + ".spec.inference.minSuppliers", policy.inference().minSuppliers(), 0, MOST_SUPPLIERS);
        violations.within(
                at + ".spec.inference.minLossCoveragePercent",
                policy.inference().minLossCoveragePercent(),
                0,
                99);
        exceptions(at + ".spec.exceptions", policy.exceptions());
        if (policy.inference().binds() && policy.inference().tier() == Tier.SELLER) {
            violations.unsupported(at + ".spec.inference.tier", "Seller", "counting replicas by seller");
        }
    }

    private void queues(String at, List<String> names) {
        violations.within(at, names.size(), 0, MOST_QUEUES);
        for (int index = 0; index < names.size(); index++) {
            String name = names.get(index);
            boolean known = settings.queue(name) != null
                    || apply.queues().stream().map(JobQueue::name).anyMatch(name::equals);
            violations.require(
                    known,
                    at + "[" + index + "]",
                    name,
                    "there is no such queue. Maybe apply it first, or in the same manifest?");
        }
    }

    private void rule(String at, SourcingRule rule) {
        supplier(at + ".supplierName", rule.supplierName());
        Supplier supplier = suppliers.get(rule.supplierName());
        if (supplier != null) {
            ObjectCheck.atTier(violations, at + ".supplierName", supplier, rule.tier());
        }
        bound(at + ".capPercent", rule.capPercent());
        bound(at + ".targetPercent", rule.targetPercent());
        bound(at + ".floorPercent", rule.floorPercent());
        boolean any = rule.capPercent() >= 0 || rule.targetPercent() >= 0 || rule.floorPercent() >= 0;
        violations.require(any, at, "", "needs one of capPercent, targetPercent and floorPercent");
        violations.require(
                rule.enforcement() != Enforcement.HARD || rule.capPercent() >= 0,
                at + ".enforcement",
                rule.enforcement(),
                "needs capPercent: only a cap can be enforced at starts. Maybe Soft?");
        ordered(at, "floorPercent", rule.floorPercent(), "targetPercent", rule.targetPercent());
        ordered(at, "targetPercent", rule.targetPercent(), "capPercent", rule.capPercent());
        ordered(at, "floorPercent", rule.floorPercent(), "capPercent", rule.capPercent());
    }

    private void bound(String at, int percent) {
        if (percent != SourcingPolicy.NO_BOUND) {
            violations.within(at, percent, 0, 100);
        }
    }

    private void ordered(String at, String lower, int low, String upper, int high) {
        violations.require(
                low < 0 || high < 0 || low <= high,
                at + "." + lower,
                low,
                "is above " + upper + " (" + high + "). Maybe swap them?");
    }

    private void exceptions(String at, List<SourcingException> exceptions) {
        violations.within(at, exceptions.size(), 0, MOST_EXCEPTIONS);
        Set<String> names = new HashSet<>();
        for (int index = 0; index < exceptions.size(); index++) {
            SourcingException exception = exceptions.get(index);
            String path = at + "[" + index + "]";
            violations.label(path + ".name", exception.name());
            violations.require(names.add(exception.name()), path + ".name", exception.name(), "comes twice");
            violations.require(
                    !exception.jobSelector().isEmpty(),
                    path + ".jobSelector",
                    "",
                    "is empty and would except everything. Maybe enforcement Report?");
            violations.require(exception.untilMicros() > 0, path + ".until", exception.untilMicros(), "is missing");
            violations.text(path + ".reason", exception.reason(), 256);
        }
    }

    private void supplier(String path, String name) {
        violations.require(
                suppliers.containsKey(name),
                path,
                name,
                "there is no such supplier. Maybe apply it first, or in the same manifest?");
    }
}
