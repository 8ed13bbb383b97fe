package dev.interposer.market;

import java.math.BigInteger;
import java.util.List;

/**
 * How rates of several attempts are spread. Quartiles are interpolated between the two nearest (R. J. Hyndman and
 * Y. Fan, <i>Sample Quantiles in Statistical Packages</i>, The American Statistician 50, 1996, definition 7).
 *
 * <p>The interval is of the median and asks nothing of the distribution (H. A. David and H. N. Nagaraja, <i>Order
 * Statistics</i>, 3rd edition, 2003, section 7.1): the r-th from below and from above enclose it but for
 * 2 P(Bin(n, ½) &lt; r). The narrowest is taken that misses it once in 40, so that a ratio of two holds 19 times in
 * 20; of fewer than 7 attempts the whole range, which misses it more often, and says how often.
 *
 * @param attempts that were counted, at least 1
 * @param medianMicro millionths of a unit, a second and chip; likewise the following
 * @param firstQuartileMicro below which a quarter is
 * @param thirdQuartileMicro above which a quarter is
 * @param leastMicro of all
 * @param mostMicro of all
 * @param fromMicro lower end of the interval
 * @param toMicro upper end of it
 * @param missMilliPercent how often at most an interval so made misses the median, thousandths of a percent
 */
public record RateSpread(
        int attempts,
        long medianMicro,
        long firstQuartileMicro,
        long thirdQuartileMicro,
        long leastMicro,
        long mostMicro,
        long fromMicro,
        long toMicro,
        int missMilliPercent) {
    /** Of fewer there is no spread to speak of. */
    public static final int FEWEST = 3;

    private static final int QUARTERS = 4;
    private static final int MOST_MISS_MILLI_PERCENT = 2_500;
    private static final int ALL_MILLI_PERCENT = 100_000;

    /** Of rates in any order, at least one. */
    static RateSpread of(List<Long> rates) {
        List<Long> sorted = rates.stream().sorted().toList();
        int size = sorted.size();
        int rank = 1;
        while (rank + 1 <= (size + 1) / 2 && missMilliPercent(size, rank + 1) <= MOST_MISS_MILLI_PERCENT) {
            rank++;
        }
        return new RateSpread(
                size,
                quartile(sorted, 2),
                quartile(sorted, 1),
                quartile(sorted, 3),
                sorted.getFirst(),
                sorted.getLast(),
                sorted.get(rank - 1),
                sorted.get(size - rank),
                missMilliPercent(size, rank));
    }

    private static long quartile(List<Long> sorted, int number) {
        int quarters = (sorted.size() - 1) * number;
        long below = sorted.get(quarters / QUARTERS);
        long above = sorted.get(Math.ceilDiv(quarters, QUARTERS));
        BigInteger further = BigInteger.valueOf(above)
                .subtract(BigInteger.valueOf(below))
                .multiply(BigInteger.valueOf(quarters % QUARTERS));
        return below + Ratio.of(further, BigInteger.valueOf(QUARTERS)).longValue();
    }

    /** 2 P(Bin(n, ½) &lt; r), rounded up. */
    private static int missMilliPercent(int size, int rank) {
        BigInteger ways = BigInteger.ZERO;
        BigInteger chosen = BigInteger.ONE;
        for (int count = 0; count < rank; count++) {
            ways = ways.add(chosen);
            chosen = chosen.multiply(BigInteger.valueOf(size - count)).divide(BigInteger.valueOf(count + 1));
        }
        BigInteger all = BigInteger.ONE.shiftLeft(size - 1);
        BigInteger miss = ways.multiply(BigInteger.valueOf(ALL_MILLI_PERCENT))
                .add(all)
                .subtract(BigInteger.ONE)
                .divide(all);
        return Math.min(ALL_MILLI_PERCENT, miss.intValue());
    }
}
