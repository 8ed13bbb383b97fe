package dev.interposer.market;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many chips of a reference class one chip is worth, by medians.
 *
 * @param ratioMicro millionths of a chip of the reference class
 * @param interval null of too few attempts, and of the reference class itself
 */
public record ThroughputRatio(long ratioMicro, @Nullable Interval interval) {
    /** Of the reference class to itself. */
    static final ThroughputRatio ONE = new ThroughputRatio(1_000_000, null);

    private static final BigInteger MICRO = BigInteger.valueOf(1_000_000);
    private static final int ALL_MILLI_PERCENT = 100_000;

    /**
     * Where the ratio of the two medians lies.
     *
     * @param fromMicro lower end
     * @param toMicro upper end
     * @param holdsMilliPercent how often at least an interval so made holds it, thousandths of a percent
     */
    public record Interval(long fromMicro, long toMicro, int holdsMilliPercent) {}

    /** Null where the reference class did nothing. */
    static @Nullable ThroughputRatio of(RateSpread rates, RateSpread reference) {
        if (reference.medianMicro() == 0) {
            return null;
        }
        long ratio = quotient(rates.medianMicro(), reference.medianMicro());
        return new ThroughputRatio(ratio, interval(rates, reference));
    }

    /** Either interval may miss: the ratio of the ends misses no more often than both together (Bonferroni). */
    private static @Nullable Interval interval(RateSpread rates, RateSpread reference) {
        int holds = ALL_MILLI_PERCENT - rates.missMilliPercent() - reference.missMilliPercent();
        if (Math.min(rates.attempts(), reference.attempts()) < RateSpread.FEWEST || reference.fromMicro() == 0) {
            return null;
        }
        return new Interval(
                quotient(rates.fromMicro(), reference.toMicro()),
                quotient(rates.toMicro(), reference.fromMicro()),
                holds);
    }

    /** Of the reference class, as many as so many of this one. */
    public long chipsFor(long chips) {
        return Ratio.of(BigInteger.valueOf(chips).multiply(BigInteger.valueOf(ratioMicro)), MICRO)
                .longValue();
    }

    private static long quotient(long part, long whole) {
        BigInteger micro = Ratio.of(BigInteger.valueOf(part).multiply(MICRO), BigInteger.valueOf(whole));
        return micro.bitLength() < Long.SIZE ? micro.longValue() : Long.MAX_VALUE;
    }
}
