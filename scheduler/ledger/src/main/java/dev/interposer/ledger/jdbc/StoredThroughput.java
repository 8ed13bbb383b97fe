package dev.interposer.ledger.jdbc;

/**
 * What was measured of one attempt of a gang, on one class and in one unit.
 *
 * @param jobId the job
 * @param gang index of the gang in the job
 * @param attempt from 1
 * @param family its workload family
 * @param className the class of its chips
 * @param unit tokens or samples
 * @param chips that it had last
 * @param sums what was measured
 * @param measuredAtMicros when it was written last, microseconds since the epoch; 0 in what is to be written
 */
public record StoredThroughput(
        long jobId,
        int gang,
        int attempt,
        String family,
        String className,
        String unit,
        int chips,
        Sums sums,
        long measuredAtMicros) {
    /** No sum is greater, so that sums of several leaders are numbers still. */
    public static final long MOST = 1L << 60;

    /**
     * What adds up.
     *
     * @param chipMillis chips × milliseconds
     * @param spanMillis milliseconds
     * @param done in that time, in the unit
     * @param spans from one count to the next that were measured
     * @param suspiciousSpans that were left out because the counter leapt
     * @param restarts times that the counter went back
     */
    public record Sums(long chipMillis, long spanMillis, long done, int spans, int suspiciousSpans, int restarts) {
        public Sums {
            if (Math.max(chipMillis, Math.max(spanMillis, done)) > MOST) {
                throw new IllegalArgumentException("chipMillis (" + chipMillis + "), spanMillis (" + spanMillis
                        + ") and done (" + done + ") must be at most " + MOST);
            }
        }
    }
}
