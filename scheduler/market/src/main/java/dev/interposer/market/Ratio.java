package dev.interposer.market;

import java.math.BigInteger;

/** Quotients of integers, rounded half up. */
final class Ratio {
    private Ratio() {}

    static BigInteger of(BigInteger part, BigInteger whole) {
        return part.shiftLeft(1).add(whole).divide(whole.shiftLeft(1));
    }

    /** Part × scale ÷ whole; 0 of nothing. */
    static long of(long part, long whole, long scale) {
        return whole == 0
                ? 0
                : of(BigInteger.valueOf(part).multiply(BigInteger.valueOf(scale)), BigInteger.valueOf(whole))
                        .longValue();
    }

    /** Thousandths of a percent. */
    static int milliPercent(long part, long whole) {
        return (int) of(part, whole, 100_000);
    }
}
