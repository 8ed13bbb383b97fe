package dev.interposer.control.port;

/** One lease, timed by the clock of the database. Calls block and throw {@link LedgerException}. */
public interface LeaseStore {
    /** Takes the lease if it is free or has run out; the new epoch, or 0 when another holds it. */
    long acquire(String holder, long durationMillis);

    /**
     * How long nobody had held it when {@link #acquire} last took it, milliseconds. The greatest long when that is not
     * known: nobody ever had, or the last one left no page, so that what it knew of those before it is lost.
     */
    long vacantMillis();

    /** Whether the lease of that epoch was still ours and now runs anew. */
    boolean renew(String holder, long epoch, long durationMillis);

    /** Gives it up; does nothing if it is not ours. */
    void release(String holder, long epoch);
}
