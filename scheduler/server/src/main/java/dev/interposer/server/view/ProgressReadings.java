package dev.interposer.server.view;

import dev.interposer.proto.agent.v1.Progress;
import dev.interposer.proto.job.v1.JobProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What loops say that they have done, as the agents that are connected here say. Soft, as {@link DeviceReadings}: it is
 * in no ledger and nothing is decided by it.
 *
 * <p>The worker of rank 0 counts for its gang; a job of several replicas is the sum of them. What work that can be
 * compared was measured to do waits here to be written down.
 */
public final class ProgressReadings {
    /** Beyond it what is new is not kept: the database has been away for long, and memory is needed elsewhere. */
    private static final int MOST_UNSAVED = 50_000;

    /** A count that stands for a minute, and for thrice as long as it stood before, says nothing of a pace any more. */
    private static final long STILL_MILLIS = 60_000;

    private static final int STILL_TIMES = 3;

    private final LongSupplier nowMillis;
    private final Map<Long, Map<Integer, Gang>> jobs = new ConcurrentHashMap<>();
    private final Map<ThroughputMeter.Key, ThroughputMeter> unsaved = new ConcurrentHashMap<>();

    public ProgressReadings() {
        this(() -> System.nanoTime() / 1_000_000);
    }

    /**
     * @param nowMillis a clock that never goes back
     */
    ProgressReadings(LongSupplier nowMillis) {
        this.nowMillis = nowMillis;
    }

    /**
     * The counter of a gang's attempt.
     *
     * @param movedMillis when its count was last another than before
     * @param stoodMillis for how long it had stood then
     */
    private record Gang(ProgressCounter counter, @Nullable ThroughputMeter meter, long movedMillis, long stoodMillis) {
        boolean still(long nowMillis) {
            return nowMillis - movedMillis > Math.max(STILL_MILLIS, STILL_TIMES * stoodMillis);
        }
    }

    /** One word of a worker. */
    public void heard(Progress said, ProgressSource source) {
        if (said.getKey().getWorker() != 0) {
            return;
        }
        Progress told = source.checked(said);
        long now = nowMillis.getAsLong();
        jobs.compute(told.getKey().getJobId(), (id, known) -> {
            Map<Integer, Gang> gangs = known == null ? new TreeMap<>() : new TreeMap<>(known);
            gangs.merge(
                    told.getKey().getGang(),
                    new Gang(ProgressCounter.of(told, source.stream()), null, now, 0),
                    (before, first) -> {
                        int attempts = Integer.compare(
                                first.counter().attempt(), before.counter().attempt());
                        if (attempts == 0) {
                            return next(before, told, source, now);
                        }
                        // A node that was lost comes back, and with it the word of an attempt that is over.
                        return attempts < 0 ? before : first;
                    });
            return gangs;
        });
    }

    private Gang next(Gang before, Progress told, ProgressSource source, long now) {
        ProgressCounter counter = before.counter().heard(told, source.stream());
        ThroughputMeter meter = ThroughputMeter.after(before.meter(), told.getKey(), counter, source);
        if (meter != null && meter.tellsMoreThan(before.meter())) {
            keep(meter);
        }
        return counter.saidDone() == before.counter().saidDone()
                ? new Gang(counter, meter, before.movedMillis(), before.stoodMillis())
                : new Gang(counter, meter, now, now - before.movedMillis());
    }

    private void keep(ThroughputMeter meter) {
        if (unsaved.size() < MOST_UNSAVED || unsaved.containsKey(meter.key())) {
            unsaved.put(meter.key(), meter);
        }
    }

    /** What was measured anew since the last call; who can't write it down gives it back. */
    public List<ThroughputMeter> takeMeasured(int most) {
        List<ThroughputMeter> taken = new ArrayList<>();
        for (ThroughputMeter.Key key : unsaved.keySet().stream().limit(most).toList()) {
            ThroughputMeter meter = unsaved.remove(key);
            if (meter != null) {
                taken.add(meter);
            }
        }
        return taken;
    }

    /** What was measured meanwhile is newer. */
    public void giveBack(List<ThroughputMeter> meters) {
        meters.forEach(meter -> unsaved.putIfAbsent(meter.key(), meter));
    }

    void forget(long jobId) {
        jobs.remove(jobId);
    }

    /** The state begins anew, or this server leads no more: what was heard says nothing of what is heard next. */
    public void clear() {
        jobs.clear();
        unsaved.clear();
    }

    /** Null if nothing was heard of it. */
    public @Nullable JobProgress of(long jobId) {
        Map<Integer, Gang> gangs = jobs.get(jobId);
        if (gangs == null) {
            return null;
        }
        JobProgress.Builder sum = JobProgress.newBuilder();
        long now = nowMillis.getAsLong();
        long moved = Long.MIN_VALUE;
        for (Gang each : gangs.values()) {
            ProgressCounter gang = each.counter();
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
            moved = Math.max(moved, each.movedMillis());
            sum.setUnit(gang.unit())
                    .setDone(done < 0 ? Long.MAX_VALUE : done)
                    .setUnitsPerSecond(sum.getUnitsPerSecond() + (each.still(now) ? 0 : gang.unitsPerSecond()))
                    .setStillSeconds((now - moved) / 1_000);
        }
        return sum.build();
    }
}
