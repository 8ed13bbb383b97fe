package dev.interposer.engine.sourcing;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.JobQueue.ScopeKind;
import dev.interposer.engine.model.SourcingPolicy.SourcingScope;
import dev.interposer.engine.state.Settings;
import java.util.HashSet;
import java.util.Set;

/**
 * What the queues of a scope are entitled to, in thousandths of a reference device.
 *
 * <p>The guarantee of a queue counts for everything below it; a queue without one is entitled to what its children
 * are. Guarantees of one kind (by class, by family, by supplier, over all) add up; different kinds overlap, so the
 * largest sum counts. A guarantee over several classes counts as the least of them, so that a cap in percent of it errs
 * on the strict side.
 */
final class Entitlement {
    private static final int MOST_DEPTH = 16;

    private final Settings settings;

    Entitlement(Settings settings) {
        this.settings = settings;
    }

    long referenceMilli(SourcingScope scope) {
        long sum = 0;
        for (JobQueue queue : settings.queues()) {
            boolean top = scope.queueNames().isEmpty()
                    ? queue.parentName().isEmpty()
                    : scope.queueNames().contains(queue.name()) && !within(queue.parentName(), scope);
            sum += top ? ofQueue(queue, 0) : 0;
        }
        return sum;
    }

    /** Whether a queue is one of the scope's, or below one. */
    boolean within(String queueName, SourcingScope scope) {
        if (scope.queueNames().isEmpty()) {
            return true;
        }
        String name = queueName;
        Set<String> seen = new HashSet<>();
        while (!name.isEmpty() && seen.add(name)) {
            if (scope.queueNames().contains(name)) {
                return true;
            }
            JobQueue queue = settings.queue(name);
            name = queue == null ? "" : queue.parentName();
        }
        return false;
    }

    private long ofQueue(JobQueue queue, int depth) {
        long own = 0;
        for (ScopeKind kind : ScopeKind.values()) {
            long sum = 0;
            for (Quota quota : queue.quotas()) {
                sum += quota.scope() == kind && quota.guarantee() > 0 ? quota.guarantee() * least(quota) : 0;
            }
            own = Math.max(own, sum);
        }
        if (own > 0 || depth == MOST_DEPTH) {
            return own;
        }
        long below = 0;
        for (JobQueue child : settings.queues()) {
            below += child.parentName().equals(queue.name()) ? ofQueue(child, depth + 1) : 0;
        }
        return below;
    }

    private long least(Quota quota) {
        if (quota.scope() == ScopeKind.ALL) {
            return AcceleratorClass.REFERENCE_DEVICE;
        }
        return settings.classes().stream()
                .filter(chipClass -> switch (quota.scope()) {
                    case CLASS -> chipClass.name().equals(quota.scopeName());
                    case CHIP_FAMILY -> chipClass.chipFamily().equals(quota.scopeName());
                    case SUPPLIER -> chipClass.supplierName().equals(quota.scopeName());
                    case ALL -> true;
                })
                .mapToLong(AcceleratorClass::referenceMilli)
                .min()
                .orElse(0);
    }
}
