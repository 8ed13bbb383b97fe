package dev.interposer.control.core;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.ObjectKind;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SupplyOrder;
import dev.interposer.engine.state.State;
import java.util.Optional;
import java.util.function.Predicate;

/** What refers to an object, so that none goes while it is needed. */
final class Referrers {
    private final State state;

    Referrers(State state) {
        this.state = state;
    }

    /** The first one found, named for people. */
    Optional<String> of(ObjectKind kind, String name) {
        return switch (kind) {
            case SUPPLIER ->
                classWhere(chipClass -> names(chipClass, name))
                        .or(() -> orderWhere(order -> order.supplierName().equals(name)))
                        .or(() -> policyWhere(policy -> policy.rules().stream()
                                .anyMatch(rule -> rule.supplierName().equals(name))));
            case ACCELERATOR_CLASS ->
                orderWhere(order -> order.className().equals(name))
                        .or(() -> jobWithClass(name))
                        .or(() -> nodeWithClass(name));
            case QUEUE ->
                queueBelow(name)
                        .or(() -> policyWhere(
                                policy -> policy.scope().queueNames().contains(name)))
                        .or(() -> jobOfQueue(name));
            case SUPPLY_ORDER, SOURCING_POLICY -> Optional.empty();
        };
    }

    private static boolean names(AcceleratorClass chipClass, String supplier) {
        return chipClass.supplierName().equals(supplier)
                || chipClass.supply().stream()
                        .flatMap(tier -> tier.suppliers().stream())
                        .anyMatch(share -> share.supplierName().equals(supplier));
    }

    private Optional<String> classWhere(Predicate<AcceleratorClass> test) {
        return state.settings().classes().stream()
                .filter(test)
                .map(chipClass -> "class " + chipClass.name())
                .findFirst();
    }

    private Optional<String> orderWhere(Predicate<SupplyOrder> test) {
        return state.settings().orders().stream()
                .filter(test)
                .map(order -> "order " + order.name())
                .findFirst();
    }

    private Optional<String> policyWhere(Predicate<SourcingPolicy> test) {
        return state.settings().policies().stream()
                .filter(test)
                .map(policy -> "policy " + policy.name())
                .findFirst();
    }

    private Optional<String> queueBelow(String name) {
        return state.settings().queues().stream()
                .filter(queue -> queue.parentName().equals(name))
                .map(queue -> "queue " + queue.name())
                .findFirst();
    }

    private Optional<String> jobOfQueue(String name) {
        return state.jobs().all().stream()
                .filter(job -> !job.ended() && job.spec().queueName().equals(name))
                .map(job -> "job " + job.fullName())
                .findFirst();
    }

    private Optional<String> jobWithClass(String name) {
        return state.jobs().all().stream()
                .filter(candidate -> !candidate.ended())
                .filter(candidate -> candidate.spec().profiles().stream()
                        .flatMap(profile -> profile.roles().stream())
                        .anyMatch(role -> names(role.accelerators(), name)))
                .map(candidate -> "job " + candidate.fullName())
                .findFirst();
    }

    private Optional<String> nodeWithClass(String name) {
        return state.nodes().all().stream()
                .filter(node -> node.devices().stream()
                        .anyMatch(device -> device.className().equals(name)))
                .map(node -> "devices of node " + node.name())
                .findFirst();
    }

    private static boolean names(AcceleratorRequest request, String name) {
        return request.className().equals(name)
                || (request.selector() != null
                        && request.selector().classNames().contains(name));
    }
}
