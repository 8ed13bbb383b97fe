package dev.interposer.cli.bench;

/**
 * When the jobs of an open loop are due, whatever becomes of those before. In the warm-up the rate rises evenly from
 * nothing: a server whose code is not compiled yet would else begin the measured time with a queue that says nothing of
 * what it does later.
 *
 * @param rate jobs a second, from the end of the warm-up on
 */
record Schedule(long startMicros, double rate, int warmupSeconds, int measureSeconds) {
    /** Jobs that are due in the warm-up. */
    private double rising() {
        return rate * warmupSeconds / 2;
    }

    /** How many there are in all. */
    int jobs() {
        return (int) Math.round(rising() + rate * measureSeconds);
    }

    /** Number 0 is due at the start. */
    long dueMicros(int number) {
        double seconds = number < rising()
                ? Math.sqrt(2.0 * warmupSeconds * number / rate)
                : warmupSeconds + (number - rising()) / rate;
        return startMicros + (long) (seconds * 1e6);
    }

    /** How many are due by then. */
    int due(long micros) {
        double seconds = (micros - startMicros) / 1e6;
        if (seconds < 0) {
            return 0;
        }
        double passed = seconds < warmupSeconds
                ? rate * seconds * seconds / (2.0 * warmupSeconds)
                : rising() + rate * (seconds - warmupSeconds);
        return Math.clamp((long) passed + 1, 0, jobs());
    }

    boolean measured(long micros) {
        long from = startMicros + warmupSeconds * 1_000_000L;
        return micros >= from && micros < from + measureSeconds * 1_000_000L;
    }
}
