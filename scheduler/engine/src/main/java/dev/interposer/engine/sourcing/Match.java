package dev.interposer.engine.sourcing;

import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.model.SourcingPolicy.SourcingException;
import dev.interposer.engine.state.Settings;
import java.util.Arrays;

/** Which policies speak of the jobs of one spec, and where those could run. */
final class Match {
    private final Portability ways;
    private final int[] policies;
    private final long[] exceptedUntil;
    private final InferenceSourcing own;
    private final boolean inferenceRules;

    private Match(JobSpec spec, Portability ways, int[] policies, long[] exceptedUntil, Rulebook book) {
        this.ways = ways;
        this.policies = policies;
        this.exceptedUntil = exceptedUntil;
        InferenceSpec inference = spec.inference();
        this.own = inference == null
                ? InferenceSourcing.NONE
                : new InferenceSourcing(
                        inference.sourcingTier(), inference.minSuppliers(), inference.minLossCoveragePercent());
        boolean any = own.binds();
        for (int policy : policies) {
            any |= inference != null && book.policies().get(policy).inference().binds();
        }
        this.inferenceRules = any;
    }

    static Match of(JobSpec spec, Rulebook book, Settings settings) {
        Entitlement queues = new Entitlement(settings);
        int[] found = new int[book.policies().size()];
        long[] until = new long[found.length];
        int count = 0;
        for (int index = 0; index < found.length; index++) {
            SourcingPolicy policy = book.policies().get(index);
            if (spec.bears(policy.scope().jobSelector()) && queues.within(spec.queueName(), policy.scope())) {
                until[count] = exceptedUntil(policy, spec);
                found[count++] = index;
            }
        }
        return new Match(spec, Portability.of(spec, settings), Arrays.copyOf(found, count), until, book);
    }

    private static long exceptedUntil(SourcingPolicy policy, JobSpec spec) {
        long until = 0;
        for (SourcingException exception : policy.exceptions()) {
            until = spec.bears(exception.jobSelector()) ? Math.max(until, exception.untilMicros()) : until;
        }
        return until;
    }

    /** Number of policies that speak of it. */
    int size() {
        return policies.length;
    }

    /** Index of the n-th such policy in the rule book. */
    int policy(int n) {
        return policies[n];
    }

    /** Whether the n-th policy blocks nothing of it now; an exception is over when its time has come. */
    boolean excepted(int n, long atMicros) {
        return atMicros < exceptedUntil[n];
    }

    /** What the job itself asks of its replicas. */
    InferenceSourcing own() {
        return own;
    }

    /** Whether anything, its own spec or a policy, bounds its replicas. */
    boolean boundsReplicas() {
        return inferenceRules;
    }

    /** Where it could run. */
    Portability ways() {
        return ways;
    }
}
