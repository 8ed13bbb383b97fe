package dev.interposer.market;

import org.jspecify.annotations.Nullable;

/**
 * What one class does of one family's work.
 *
 * @param className the class
 * @param rates of the attempts that can be believed; null if none can
 * @param jobs to which those belong
 * @param leftOutAttempts whose counters leapt too often
 * @param leastChips of one attempt
 * @param mostChips of one attempt
 * @param chipMillis chips × milliseconds of those attempts
 * @param measuredAtMicros when one of them was written down last, microseconds since the epoch
 * @param ratio to the reference class; null where either has no rate
 */
public record ClassThroughput(
        String className,
        @Nullable RateSpread rates,
        int jobs,
        int leftOutAttempts,
        int leastChips,
        int mostChips,
        long chipMillis,
        long measuredAtMicros,
        @Nullable ThroughputRatio ratio) {
    ClassThroughput with(@Nullable ThroughputRatio toReference) {
        return new ClassThroughput(
                className,
                rates,
                jobs,
                leftOutAttempts,
                leastChips,
                mostChips,
                chipMillis,
                measuredAtMicros,
                toReference);
    }
}
