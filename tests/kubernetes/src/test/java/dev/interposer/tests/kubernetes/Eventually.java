package dev.interposer.tests.kubernetes;

import java.util.concurrent.TimeUnit;

/** Waits for what is to become true. */
final class Eventually {
    private static final long PATIENCE_SECONDS = 60;

    private Eventually() {}

    /** What is to become true. */
    interface Condition {
        boolean holds() throws Exception;
    }

    static void await(Condition condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it did not become true in a minute");
            }
            Thread.sleep(100);
        }
    }
}
