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
    private long usedMilli;
    private long keptMilli;
    private long releases;

    Limit(QueueNode queue, Quota quota, BitSet classes) {
        this.queue = queue;
        this.quota = quota;
        this.classes = classes;
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
        return chipClass >= 0 && classes.get(chipClass);
    }

    boolean countsReferenceDevices() {
        return quota.scope() == ScopeKind.ALL;
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

    /** What it may use at most. */
    public long mostMilli() {
        return Math.min(hardMilli(), borrowedMilli());
    }

    /** By the limit alone. */
    long hardMilli() {
        return quota.limit() < 0 ? UNBOUNDED : quota.limit() * 1000;
    }

    /** By guarantee and borrowing. */
    private long borrowedMilli() {
        return quota.borrowLimit() < 0 ? UNBOUNDED : (Math.max(0, quota.guarantee()) + quota.borrowLimit()) * 1000;
    }

    public long guaranteedMilli() {
        return Math.max(0, quota.guarantee()) * 1000;
    }

    /** What of the guarantee is not used and must not be lent. */
    long withheldMilli() {
        if (quota.lendLimit() < 0) {
            return 0;
        }
        return Math.max(0, guaranteedMilli() - quota.lendLimit() * 1000 - usedMilli);
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
