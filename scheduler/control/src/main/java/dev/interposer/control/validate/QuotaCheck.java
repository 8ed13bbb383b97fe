package dev.interposer.control.validate;

import dev.interposer.control.command.Command;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.state.Settings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether the quotas of a queue are sound: by themselves, and against what there is. */
final class QuotaCheck {
    private static final int MOST_QUOTAS = 64;
    private static final long MOST_DEVICES = 100_000_000;

    private final Violations violations;
    private final Command.ApplyObjects apply;
    private final Settings settings;
    private final Set<String> suppliers;

    QuotaCheck(Violations violations, Command.ApplyObjects apply, Settings settings, Set<String> suppliers) {
        this.violations = violations;
        this.apply = apply;
        this.settings = settings;
        this.suppliers = suppliers;
    }

    void check(String at, JobQueue queue) {
        violations.within(at + ".perUser.maxDevices", queue.maxDevicesPerUser(), 0, MOST_DEVICES);
        violations.within(at + ".perUser.maxRunningJobs", queue.maxRunningJobsPerUser(), 0, MOST_DEVICES);
        violations.within(at + ".usageHalfLifeSeconds", queue.usageHalfLifeSeconds(), 0, 366L * 86_400);
        violations.within(at + ".quotas", queue.quotas().size(), 0, MOST_QUOTAS);
        Set<String> scopes = new HashSet<>();
        for (int index = 0; index < Math.min(queue.quotas().size(), MOST_QUOTAS); index++) {
            Quota quota = queue.quotas().get(index);
            String path = at + ".quotas[" + index + "]";
            scope(path + ".scope", quota);
            violations.require(
                    scopes.add(quota.scope() + "/" + quota.scopeName()),
                    path + ".scope",
                    named(quota),
                    "another quota of the queue has this scope");
            amounts(path, quota);
            above(path + ".guarantee", queue, quota);
        }
    }

    private void scope(String path, Quota quota) {
        String name = quota.scopeName();
        switch (quota.scope()) {
            case CLASS ->
                violations.require(
                        classes().stream().anyMatch(known -> known.name().equals(name)),
                        path + ".className",
                        name,
                        "there is no such class. Maybe apply it first, or in the same manifest?");
            case CHIP_FAMILY ->
                violations.require(
                        classes().stream().anyMatch(known -> known.chipFamily().equals(name)),
                        path + ".chipFamily",
                        name,
                        "no class is of this family");
            case SUPPLIER ->
                violations.require(
                        suppliers.contains(name),
                        path + ".supplierName",
                        name,
                        "there is no such supplier. Maybe apply it first, or in the same manifest?");
            case ALL -> {
                // Names nothing.
            }
        }
    }

    private List<AcceleratorClass> classes() {
        List<AcceleratorClass> all = new ArrayList<>(settings.classes());
        all.addAll(apply.classes());
        return all;
    }

    private void amounts(String path, Quota quota) {
        violations.within(path + ".guarantee", quota.guarantee(), -1, MOST_DEVICES);
        violations.within(path + ".limit", quota.limit(), -1, MOST_DEVICES);
        violations.within(path + ".borrowLimit", quota.borrowLimit(), -1, MOST_DEVICES);
        violations.within(path + ".lendLimit", quota.lendLimit(), -1, MOST_DEVICES);
        long guarantee = Math.max(0, quota.guarantee());
        violations.require(
                quota.limit() < 0 || guarantee <= quota.limit(),
                path + ".guarantee",
                guarantee,
                "is above " + path + ".limit (" + quota.limit() + "). Maybe swap them?");
        violations.require(
                quota.lendLimit() <= guarantee,
                path + ".lendLimit",
                quota.lendLimit(),
                "is more than the guarantee (" + guarantee + "): nothing else can be lent");
    }

    /** What is guaranteed below a limit can't be more than the limit. */
    private void above(String path, JobQueue queue, Quota quota) {
        JobQueue parent = find(queue.parentName());
        for (int depth = 0; parent != null && depth < ObjectCheck.MOST_DEPTH; depth++) {
            for (Quota theirs : parent.quotas()) {
                boolean same =
                        theirs.scope() == quota.scope() && theirs.scopeName().equals(quota.scopeName());
                if (same && theirs.limit() >= 0) {
                    violations.require(
                            quota.guarantee() <= theirs.limit(),
                            path,
                            quota.guarantee(),
                            "is above the limit of queue " + parent.name() + " (" + theirs.limit() + ")");
                }
            }
            parent = find(parent.parentName());
        }
    }

    private @Nullable JobQueue find(String name) {
        for (JobQueue queue : apply.queues()) {
            if (queue.name().equals(name)) {
                return queue;
            }
        }
        return settings.queue(name);
    }

    private static String named(Quota quota) {
        return quota.scopeName().isEmpty() ? "all" : quota.scopeName();
    }
}
