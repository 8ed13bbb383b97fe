package dev.interposer.control.core;

/**
 * The time of one term of leadership: begins with the wall clock, then goes on with a clock that no one sets.
 *
 * <p>The naive way, the wall clock for every page, lets a corrected clock fire leases early or stop all timers until it
 * has caught up. So a term reads the wall clock once; it never begins before the last page of the ledger.
 */
public final class TermClock {
    private final long beganMicros;
    private final long beganNanos;

    /**
     * @param wallMicros wall clock, microseconds since 1970
     * @param lastMicros time of the last page
     * @param nanos of a monotonic clock
     */
    public TermClock(long wallMicros, long lastMicros, long nanos) {
        this.beganMicros = Math.max(wallMicros, lastMicros);
        this.beganNanos = nanos;
    }

    /** Microseconds since 1970 by this term's count. */
    public long micros(long nanos) {
        return beganMicros + (nanos - beganNanos) / 1000;
    }
}
