package dev.interposer.engine.fairness;

import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.JobQueue.ScopeKind;
import java.util.BitSet;

/**
 * One quota of one queue, with what the queue and those below it use of its scope.
 *
 * <p>Everything is in thousandths of a device; where the scope is everything, of a reference device.
 */
public final class Limit {
    private static final long UNBOUNDED = Long.MAX_VALUE;

    private final QueueNode queue;
    private final Quota quota;
    private final BitSet classes;
    /** The first 64 of them as bits: each start is held against many limits. */
    private final long firstClasses;

    private final long hardMilli;
    private final long mostMilli;
    private final long guaranteedMilli;
    private final boolean countsReferenceDevices;
    private long usedMilli;
    private long keptMilli;
    private long releases;

    Limit(QueueNode queue, Quota quota, BitSet classes) {
        this.queue = queue;
        this.quota = quota;
        this.classes = classes;
        this.firstClasses = classes.isEmpty() ? 0 : classes.toLongArray()[0];
        this.guaranteedMilli = Math.max(0, quota.guarantee()) * 1000;
        this.hardMilli = quota.limit() < 0 ? UNBOUNDED : quota.limit() * 1000;
        long borrowedMilli = quota.borrowLimit() < 0 ? UNBOUNDED : guaranteedMilli + quota.borrowLimit() * 1000;
        this.mostMilli = Math.min(hardMilli, borrowedMilli);
        this.countsReferenceDevices = quota.scope() == ScopeKind.ALL;
    }

    public QueueNode queue() {
        return queue;
    }

    public Quota quota() {
        return quota;
    }

    public long usedMilli() {
        return usedMilli;
    }

    public boolean covers(int chipClass) {
        return chipClass >= 0
                && (chipClass < Long.SIZE ? (firstClasses >>> chipClass & 1) != 0 : classes.get(chipClass));
    }

    boolean countsReferenceDevices() {
        return countsReferenceDevices;
    }

    /** @param lasts whether it is more than a try that is taken back */
    void use(long milli, boolean lasts) {
        usedMilli += milli;
        releases += lasts && milli < 0 ? 1 : 0;
    }

    /** A part of what is used is only kept for gangs that do not run yet. */
    void keep(long milli) {
        keptMilli += milli;
    }

    /** What runs. */
    long runningMilli() {
        return usedMilli - keptMilli;
    }

    /** Grows with each release. */
    public long releases() {
        return releases;
    }

    /** What it may use at most: by the limit alone, and by guarantee and borrowing. */
    public long mostMilli() {
        return mostMilli;
    }

    /** By the limit alone. */
    long hardMilli() {
        return hardMilli;
    }

    public long guaranteedMilli() {
        return guaranteedMilli;
    }

    /** What of the guarantee is not used and must not be lent. */
    long withheldMilli() {
        if (quota.lendLimit() < 0) {
            return 0;
        }
        return Math.max(0, guaranteedMilli - quota.lendLimit() * 1000 - usedMilli);
    }

    /** How it is named to people: {@code class h100}, {@code supplier amd}, {@code all}. */
    public String scopeText() {
        return switch (quota.scope()) {
            case CLASS -> "class " + quota.scopeName();
            case CHIP_FAMILY -> "family " + quota.scopeName();
            case SUPPLIER -> "supplier " + quota.scopeName();
            case ALL -> "all";
        };
    }
}
