package dev.interposer.market;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.model.SourcingPolicy.SourcingScope;
import dev.interposer.engine.sourcing.Origins;
import dev.interposer.engine.sourcing.Portability;
import dev.interposer.engine.sourcing.Replicas;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.Settings;
import dev.interposer.market.InferenceStatus.Cause;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Holds what policies ask of replicas against the inference jobs that wait and run.
 *
 * <p>Whether a policy keeps a replica off a class is asked of the engine's own rule; what is said here is only what
 * that adds up to.
 */
final class InferenceReport {
    private static final int MOST_NAMES = 20;

    private final Settings settings;
    private final QueuePaths queues;
    private final Predicate<String> installed;
    private final Collection<JobState> jobs;
    private final BiFunction<JobState, AcceleratorClass, @Nullable Reason> blocks;
    private final Map<Long, Portability> ways = new HashMap<>();

    /**
     * @param installed classes of which chips are installed, on nodes that are there for work
     * @param jobs inference jobs that wait or run
     * @param blocks why a replica of a job may not start on a class, null if it may
     */
    InferenceReport(
            Settings settings,
            Predicate<String> installed,
            Collection<JobState> jobs,
            BiFunction<JobState, AcceleratorClass, @Nullable Reason> blocks) {
        this.settings = settings;
        this.queues = new QueuePaths(settings.queues());
        this.installed = installed;
        this.jobs = jobs;
        this.blocks = blocks;
    }

    /** Null for a policy that asks nothing of replicas. */
    @Nullable
    InferenceStatus status(SourcingPolicy policy) {
        InferenceSourcing wanted = policy.inference();
        if (!wanted.binds()) {
            return null;
        }
        int inScope = 0;
        List<JobState> blocked = new ArrayList<>();
        List<JobState> runShort = new ArrayList<>();
        Map<Long, Boolean> ofScope = new HashMap<>();
        Map<Long, Boolean> blockedWhole = new HashMap<>();
        for (JobState job : jobs) {
            if (ofScope.computeIfAbsent(job.specId(), id -> isOf(policy.scope(), job.spec()))) {
                inScope++;
                // Of jobs of one spec those that have nothing yet are all alike.
                boolean isBlocked = job.placedGangs() == 0
                        ? blockedWhole.computeIfAbsent(job.specId(), id -> isBlocked(policy, job))
                        : isBlocked(policy, job);
                if (isBlocked) {
                    blocked.add(job);
                } else if (runsShort(wanted, job)) {
                    runShort.add(job);
                }
            }
        }
        Set<String> suppliers = suppliers(wanted);
        Cause cause = cause(wanted, suppliers, blocked, runShort);
        return new InferenceStatus(
                wanted,
                suppliers.size() - (suppliers.contains(Origins.UNKNOWN) ? 1 : 0),
                inScope,
                runShort.size(),
                blocked.size(),
                blocked.stream().limit(MOST_NAMES).map(JobState::fullName).toList(),
                cause);
    }

    private Cause cause(
            InferenceSourcing wanted, Set<String> suppliers, List<JobState> blocked, List<JobState> runShort) {
        boolean unknown = suppliers.contains(Origins.UNKNOWN);
        // An unknown one takes its part of the replicas, and is never one more supplier.
        boolean tooFew = suppliers.size() - (unknown ? 1 : 0) < wanted.minSuppliers()
                || suppliers.size() * (100L - wanted.minLossCoveragePercent()) < 100;
        if (tooFew) {
            return Cause.TOO_FEW_SUPPLIERS;
        }
        if (blocked.stream().anyMatch(job -> most(wanted, job) < 1)) {
            return Cause.TOO_FEW_REPLICAS;
        }
        if (!blocked.isEmpty()) {
            return Cause.JOBS_BLOCKED;
        }
        if (runShort.isEmpty()) {
            return Cause.MET;
        }
        boolean pinned = runShort.stream().allMatch(job -> ways(job).pinnedTo(installed, wanted.tier()) != null);
        return pinned ? Cause.PINNED_WORK : Cause.JOBS_SHORT;
    }

    private boolean isOf(SourcingScope scope, JobSpec spec) {
        return spec.bears(scope.jobSelector())
                && (scope.queueNames().isEmpty() || queues.within(spec.queueName(), scope.queueNames()));
    }

    /** Whether a replica waits that may start on no class that is there, on one of them because of the policy. */
    private boolean isBlocked(SourcingPolicy policy, JobState job) {
        boolean byPolicy = false;
        if (job.gangs().stream().anyMatch(GangState::eligible)) {
            for (AcceleratorClass candidate : ways(job).admitted()) {
                Reason reason = installed.test(candidate.name()) ? blocks.apply(job, candidate) : Reason.NONE;
                if (reason == null) {
                    return false;
                }
                byPolicy |= isOfReplicas(reason, policy);
            }
        }
        return byPolicy;
    }

    private static boolean isOfReplicas(Reason reason, SourcingPolicy policy) {
        return (reason.code() == ReasonCode.SOURCING_SUPPLIERS || reason.code() == ReasonCode.SOURCING_REPLICAS)
                && policy.name().equals(reason.parameters().get("policy"));
    }

    private boolean runsShort(InferenceSourcing wanted, JobState job) {
        Map<String, Integer> served = new TreeMap<>();
        Set<Set<String>> known = new HashSet<>();
        for (GangState gang : job.gangs()) {
            if (gang.leaving()) {
                continue;
            }
            AcceleratorClass chipClass = gang.liveWorkers() == 0 ? null : settings.acceleratorClass(gang.className());
            if (chipClass == null) {
                return false;
            }
            Set<String> suppliers = new HashSet<>();
            Origins.of(chipClass, wanted.tier(), Origins.BY_CLASS, settings)
                    .forEach(share -> suppliers.add(share.supplierName()));
            suppliers.forEach(supplier -> served.merge(supplier, 1, Integer::sum));
            if (!suppliers.contains(Origins.UNKNOWN)) {
                known.add(suppliers);
            }
        }
        boolean alone = wanted.minLossCoveragePercent() > 0
                && served.values().stream().anyMatch(replicas -> replicas > most(wanted, job));
        int least = Replicas.least(wanted, job.wantedGangs());
        return alone || (least > 1 && Replicas.fewestThatStop(known, least) < least);
    }

    /** Most replicas that one supplier may serve. */
    private static long most(InferenceSourcing wanted, JobState job) {
        return Replicas.most(job.wantedGangs(), wanted.minLossCoveragePercent());
    }

    private Set<String> suppliers(InferenceSourcing wanted) {
        Set<String> suppliers = new HashSet<>();
        for (AcceleratorClass chipClass : settings.classes()) {
            if (installed.test(chipClass.name())) {
                Origins.of(chipClass, wanted.tier(), Origins.BY_CLASS, settings)
                        .forEach(share -> suppliers.add(share.supplierName()));
            }
        }
        return suppliers;
    }

    private Portability ways(JobState job) {
        return ways.computeIfAbsent(job.specId(), id -> Portability.of(job.spec(), settings));
    }
}
