package dev.interposer.control.lease;

import dev.interposer.control.port.LeaseStore;
import dev.interposer.control.port.LedgerException;

/**
 * Keeps a lease, or tries to get it. It holds no thread: its owner calls {@link #step} with a monotonic clock.
 *
 * <p>The lease is counted from before the call that got it, so that ours ends no later than the database's; and we
 * step down a
 * margin before that. A renewal that fails leaves the lease as it is until then: it may yet come through.
 */
public final class LeaseKeeper {
    /** A standby asks at least so often: a lease may be free long before its end. */
    private static final long MOST_WAIT_MILLIS = 100;

    private final LeaseStore store;
    private final String holder;
    private final long durationMillis;
    private final long marginMillis;
    private volatile long epoch;
    private volatile long endsAtMillis;
    private long nextTryMillis = Long.MIN_VALUE;

    /**
     * @param durationMillis of the lease
     * @param marginMillis so long before its end we lead no more
     */
    public LeaseKeeper(LeaseStore store, String holder, long durationMillis, long marginMillis) {
        if (marginMillis * 2 >= durationMillis) {
            throw new IllegalArgumentException("margin (" + marginMillis + " ms) of the lease is half of its duration ("
                    + durationMillis + " ms) or more. Maybe a longer lease?");
        }
        this.store = store;
        this.holder = holder;
        this.durationMillis = durationMillis;
        this.marginMillis = marginMillis;
    }

    /**
     * Epoch that we lead in at that time, or 0. Any thread may ask, without waiting for a {@link #step} that waits for
     * the database: it may see a lease end early, never late.
     */
    public long epoch(long monotonicMillis) {
        long held = epoch;
        return held != 0 && monotonicMillis < endsAtMillis ? held : 0;
    }

    /** Tries to get or to renew the lease when that is due. Returns the epoch that we lead in, or 0. */
    public long step(long monotonicMillis) {
        if (epoch != 0 && monotonicMillis >= endsAtMillis) {
            epoch = 0;
        }
        if (monotonicMillis < nextTryMillis) {
            return epoch(monotonicMillis);
        }
        try {
            if (epoch == 0) {
                acquire(monotonicMillis);
            } else {
                renew(monotonicMillis);
            }
        } catch (LedgerException e) {
            nextTryMillis = monotonicMillis + durationMillis / 10;
        }
        return epoch(monotonicMillis);
    }

    /** How long nobody had led when we last began to, milliseconds. */
    public long vacantMillis() {
        return store.vacantMillis();
    }

    /** Gives the lease up, so that another need not wait for its end. */
    public void release() {
        if (epoch != 0) {
            long given = epoch;
            epoch = 0;
            store.release(holder, given);
        }
    }

    /** Leads no more, whatever the database says; the next step tries again. */
    public void abandon() {
        epoch = 0;
    }

    private void acquire(long now) {
        long got = store.acquire(holder, durationMillis);
        epoch = got;
        endsAtMillis = now + durationMillis - marginMillis;
        nextTryMillis = now + (got == 0 ? askAgainMillis() : durationMillis / 3);
    }

    private void renew(long now) {
        if (store.renew(holder, epoch, durationMillis)) {
            endsAtMillis = now + durationMillis - marginMillis;
            nextTryMillis = now + durationMillis / 3;
        } else {
            epoch = 0;
            nextTryMillis = now + askAgainMillis();
        }
    }

    private long askAgainMillis() {
        return Math.min(MOST_WAIT_MILLIS, durationMillis / 20);
    }
}
