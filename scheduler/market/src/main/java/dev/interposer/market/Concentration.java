package dev.interposer.market;

import java.math.BigInteger;
import java.util.Collection;

/**
 * How few firms a whole rests on.
 *
 * @param hhi Herfindahl–Hirschman index, 10⁴ Σ s²: 10,000 for one firm, 0 for nothing at all
 * @param effectiveMilli effective number of firms, 1 / Σ s² (inverse Simpson index), in thousandths
 * @param largestMilliPercent share of the largest firm (CR1), in thousandths of a percent
 */
public record Concentration(int hhi, long effectiveMilli, int largestMilliPercent) {
    public static final Concentration NONE = new Concentration(0, 0, 0);

    private static final int HHI_OF_ONE = 10_000;
    private static final int WHOLE_MILLI_PERCENT = 100_000;

    /** Of the amounts of the firms, in any unit; rounded half up once, at the end. */
    public static Concentration of(Collection<Long> amounts) {
        BigInteger total = BigInteger.ZERO;
        BigInteger squares = BigInteger.ZERO;
        BigInteger largest = BigInteger.ZERO;
        for (long amount : amounts) {
            BigInteger exact = BigInteger.valueOf(amount);
            total = total.add(exact);
            squares = squares.add(exact.multiply(exact));
            largest = largest.max(exact);
        }
        if (total.signum() == 0) {
            return NONE;
        }
        BigInteger square = total.multiply(total);
        return new Concentration(
                Ratio.of(squares.multiply(BigInteger.valueOf(HHI_OF_ONE)), square)
                        .intValue(),
                Ratio.of(square.multiply(BigInteger.valueOf(1000)), squares).longValue(),
                Ratio.of(largest.multiply(BigInteger.valueOf(WHOLE_MILLI_PERCENT)), total)
                        .intValue());
    }
}
