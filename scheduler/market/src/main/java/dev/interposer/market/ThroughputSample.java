package dev.interposer.market;

import java.math.BigInteger;

/**
 * What was measured of one attempt of a gang.
 *
 * @param jobId the job
 * @param gang index of the gang in the job
 * @param attempt from 1
 * @param cell what it belongs to
 * @param chips that it had last
 * @param chipMillis chips × milliseconds over which it was measured
 * @param done in that time, in the unit
 * @param spans from one count to the next that were measured
 * @param suspiciousSpans that were left out because the counter leapt
 * @param measuredAtMicros when it was written down last, microseconds since the epoch
 */
public record ThroughputSample(
        long jobId,
        int gang,
        int attempt,
        Cell cell,
        int chips,
        long chipMillis,
        long done,
        int spans,
        int suspiciousSpans,
        long measuredAtMicros) {
    private static final BigInteger MICRO_A_SECOND = BigInteger.valueOf(1_000_000_000);
    private static final int SUSPICIOUS_ONE_IN = 10;

    /**
     * What can be compared: work of one family, on one class, counted in one unit.
     *
     * @param family name of the workload family
     * @param unit tokens or samples
     * @param className name of the class
     */
    public record Cell(String family, String unit, String className) {}

    public ThroughputSample {
        if (chipMillis <= 0 || done < 0) {
            throw new IllegalArgumentException("chipMillis (" + chipMillis + ") of attempt " + attempt + " of job "
                    + jobId + " must be above 0 and done (" + done + ") at least 0");
        }
    }

    /** Millionths of a unit, a second and chip. */
    long rateMicro() {
        BigInteger rate = Ratio.of(BigInteger.valueOf(done).multiply(MICRO_A_SECOND), BigInteger.valueOf(chipMillis));
        return rate.bitLength() < Long.SIZE ? rate.longValue() : Long.MAX_VALUE;
    }

    /** A counter that leaps so often says nothing where it does not leap either. */
    boolean isBelieved() {
        return (long) suspiciousSpans * SUSPICIOUS_ONE_IN <= spans;
    }
}
