package dev.interposer.agent.link;

import java.util.random.RandomGenerator;

/** Waits between tries: doubling, bounded, and with jitter so that a fleet does not come back all at once. */
final class Backoff {
    private final long leastMillis;
    private final long mostMillis;
    private final RandomGenerator random;
    private int failures;

    Backoff(long leastMillis, long mostMillis, RandomGenerator random) {
        this.leastMillis = leastMillis;
        this.mostMillis = mostMillis;
        this.random = random;
    }

    /** Wait before the next try, between half and the whole of the doubled wait. */
    long next() {
        long whole = Math.min(mostMillis, leastMillis << Math.min(failures, 20));
        failures++;
        return whole / 2 + random.nextLong(whole / 2 + 1);
    }

    void succeeded() {
        failures = 0;
    }
}
