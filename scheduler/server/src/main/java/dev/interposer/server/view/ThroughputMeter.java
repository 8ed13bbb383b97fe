package dev.interposer.server.view;

import dev.interposer.proto.agent.v1.WorkerKey;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt was measured to do since this leader heard of it.
 *
 * <p>A span counts from one believed count to the next. The first three are left out wherever counting begins: at the
 * start of an attempt, since it warms up and a leap can't be told yet; after the counter went back, since what runs
 * then has started again; in a new stream of the agent; and when the number of chips has changed.
 *
 * @param key whose it is
 * @param chips that the attempt has
 * @param place of the last span since counting began, from 1; 0 before one
 * @param chipMillis chips × milliseconds of the spans that count
 * @param spanMillis of them
 * @param done in them
 * @param spans how many they are
 * @param suspiciousSpans of the attempt: that were left out because the counter leapt
 * @param restarts of the attempt: times that the counter went back
 */
public record ThroughputMeter(
        Key key,
        int chips,
        int place,
        long chipMillis,
        long spanMillis,
        long done,
        int spans,
        int suspiciousSpans,
        int restarts) {
    static final int WARM_UP_SPANS = 3;

    /** Beyond it nothing is added: a counter may say anything. */
    private static final long MOST = 1L << 60;

    /**
     * What is summed together.
     *
     * @param jobId the job
     * @param gang index of the gang
     * @param attempt from 1
     * @param family name of the workload family
     * @param className the class of its chips
     * @param unit tokens or samples
     * @param epoch of the leader
     */
    public record Key(long jobId, int gang, int attempt, String family, String className, String unit, long epoch) {}

    /** After one more word; null as long as there is nothing to measure. */
    static @Nullable ThroughputMeter after(
            @Nullable ThroughputMeter before, WorkerKey worker, ProgressCounter counter, ProgressSource source) {
        MeasuredWork work = source.work();
        if (work == null || counter.unit().isEmpty()) {
            return null;
        }
        Key key = new Key(
                worker.getJobId(),
                worker.getGang(),
                worker.getAttempt(),
                work.family(),
                work.className(),
                counter.unit(),
                source.epoch());
        boolean same = before != null && before.key.equals(key);
        ThroughputMeter known =
                before != null && same ? before : new ThroughputMeter(key, work.chips(), 0, 0, 0, 0, 0, 0, 0);
        return known.next(counter, work.chips());
    }

    /** Whether it has more to write down. */
    boolean tellsMoreThan(@Nullable ThroughputMeter before) {
        return spans > 0
                && (before == null
                        || spans != before.spans
                        || suspiciousSpans != before.suspiciousSpans
                        || restarts != before.restarts);
    }

    private ThroughputMeter next(ProgressCounter counter, int chipsNow) {
        ProgressCounter.Span span = counter.span();
        if (span.begun() || chipsNow != chips) {
            return with(counter, chipsNow, 0, new ProgressCounter.Span(true, 0, 0));
        }
        if (span.millis() == 0) {
            return with(counter, chips, place, span);
        }
        int placeNow = Math.min(place, WARM_UP_SPANS) + 1;
        return with(counter, chips, placeNow, placeNow > WARM_UP_SPANS ? span : new ProgressCounter.Span(false, 0, 0));
    }

    private ThroughputMeter with(ProgressCounter counter, int chipsNow, int placeNow, ProgressCounter.Span counted) {
        return new ThroughputMeter(
                key,
                chipsNow,
                placeNow,
                sum(chipMillis, counted.millis() * chipsNow),
                sum(spanMillis, counted.millis()),
                sum(done, counted.done()),
                spans + (counted.millis() > 0 ? 1 : 0),
                counter.suspiciousSpans(),
                counter.restarts());
    }

    private static long sum(long before, long more) {
        return Math.min(MOST, before + Math.clamp(more, 0, MOST));
    }
}
