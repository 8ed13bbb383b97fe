package dev.interposer.server.kubernetes.pods;

/** When something that failed is tried again: later each time. */
final class Pause {
    private static final long FIRST_MILLIS = 250;
    private static final int MOST_DOUBLINGS = 7;

    private int failures;
    private long untilMillis;

    /** Begins a pause; returns how long it is. */
    long begin(long nowMillis) {
        long millis = FIRST_MILLIS << Math.min(failures, MOST_DOUBLINGS);
        failures++;
        untilMillis = nowMillis + millis;
        return millis;
    }

    void clear() {
        failures = 0;
        untilMillis = 0;
    }

    boolean isOver(long nowMillis) {
        return nowMillis >= untilMillis;
    }
}
