package dev.interposer.server.background;

import java.util.concurrent.locks.LockSupport;

/**
 * Keeps work in the background to a part of a thread: it rests so many times as long as it worked. At full speed a
 * large snapshot or the coverage of losses takes a core for seconds, and whoever shares the machine waits.
 *
 * <p>Of one thread.
 */
public final class Pace {
    private static final long PIECE_NANOS = 5_000_000;
    private static final long MOST_REST_NANOS = 1_000_000_000;

    private final int rests;
    private long pieceBegun = System.nanoTime();
    private long restedNanos;

    /** @param rests how many times as long as a piece of work */
    public Pace(int rests) {
        this.rests = rests;
    }

    /** To be called often, in the middle of the work: rests if a piece of it is done. */
    public void breathe() {
        long now = System.nanoTime();
        if (now - pieceBegun < PIECE_NANOS) {
            return;
        }
        LockSupport.parkNanos(Math.min(MOST_REST_NANOS, rests * (now - pieceBegun)));
        pieceBegun = System.nanoTime();
        restedNanos += pieceBegun - now;
    }

    /** How long it has rested so far. */
    public long restedNanos() {
        return restedNanos;
    }
}
