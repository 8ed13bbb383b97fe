package dev.interposer.server.view;

import dev.interposer.proto.agent.v1.Progress;
import dev.interposer.proto.job.v1.JobProgress;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What loops say that they have done, as the agents that are connected here say. Soft, as {@link DeviceReadings}: it is
 * in no ledger and nothing is decided by it.
 *
 * <p>The worker of rank 0 counts for its gang; a job of several replicas is the sum of them.
 */
public final class ProgressReadings {
    private final Map<Long, Map<Integer, ProgressCounter>> jobs = new ConcurrentHashMap<>();

    /** One word of a worker. */
    public void heard(Progress said) {
        if (said.getKey().getWorker() != 0) {
            return;
        }
        jobs.compute(said.getKey().getJobId(), (id, known) -> {
            Map<Integer, ProgressCounter> gangs = known == null ? new TreeMap<>() : new TreeMap<>(known);
            gangs.merge(
                    said.getKey().getGang(),
                    ProgressCounter.of(said),
                    (before, first) -> before.attempt() == first.attempt() ? before.heard(said) : first);
            return gangs;
        });
    }

    void forget(long jobId) {
        jobs.remove(jobId);
    }

    /** Null if nothing was heard of it. */
    public @Nullable JobProgress of(long jobId) {
        Map<Integer, ProgressCounter> gangs = jobs.get(jobId);
        if (gangs == null) {
            return null;
        }
        JobProgress.Builder sum = JobProgress.newBuilder();
        for (ProgressCounter gang : gangs.values()) {
            sum.setRestarts(sum.getRestarts() + gang.restarts())
                    .setSuspiciousSpans(sum.getSuspiciousSpans() + gang.suspiciousSpans());
            if (!gang.refusal().isEmpty()) {
                sum.setRefusal(gang.refusal());
            }
            if (gang.unit().isEmpty()) {
                continue;
            }
            if (!sum.getUnit().isEmpty() && !sum.getUnit().equals(gang.unit())) {
                sum.setRefusal("its gangs count in " + sum.getUnit() + " and " + gang.unit() + "; use one unit");
                continue;
            }
            long done = sum.getDone() + gang.done();
            sum.setUnit(gang.unit())
                    .setDone(done < 0 ? Long.MAX_VALUE : done)
                    .setUnitsPerSecond(sum.getUnitsPerSecond() + gang.unitsPerSecond());
        }
        return sum.build();
    }
}
