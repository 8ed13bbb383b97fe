package dev.interposer.engine.nearest;

/**
 * What may be changed so that a gang starts, each with its cost.
 *
 * <p>The cost says who has to agree: the job's owner with what the job asks for is cheapest, then whoever gives
 * priority, limits and exceptions, then whoever runs the nodes, and last those whose work is in the way. Costs are
 * compared and added, and mean nothing beyond that.
 */
public enum ChangeKind {
    /** The job waits after a failure no longer. {@code untilMicros} */
    END_OF_BACKOFF(1),
    /** Its owner admits another class. {@code profile, class} */
    OTHER_CLASS(2),
    /** Its owner admits fewer workers. {@code profile, role, from, to} */
    FEWER_WORKERS(3),
    /** Its owner admits a larger domain. {@code profile, from, to} ({@code to} empty for the cluster) */
    LARGER_LEVEL(4),
    /** Its owner asks for no even spread of the replicas. {@code levels} */
    NO_SPREAD(5),
    /** Its owner lets the replicas rest on fewer suppliers. {@code minSuppliers, minLossCoveragePercent} */
    FEWER_SUPPLIERS(6),
    /** A higher priority. {@code from, to} */
    HIGHER_PRIORITY(8),
    /** A higher limit of a queue. {@code queue, scope, from, to, by} */
    QUEUE_LIMIT(10),
    /** A queue may borrow more. {@code queue, scope, from, to, by} */
    BORROW_LIMIT(10),
    /** A queue lends more of its guarantee. {@code queue, scope, from, to, by} */
    LEND_LIMIT(11),
    /** A user may have more devices in a queue. {@code queue, user, from, to, by} */
    USER_DEVICES(10),
    /** A user may run more jobs in a queue. {@code queue, user, from, to, by} */
    USER_JOBS(10),
    /** A queue that is held or drained is opened. {@code queue, state} */
    OPEN_QUEUE(12),
    /** A sourcing policy makes an exception. {@code policy} */
    POLICY_EXCEPTION(14),
    /** A node takes work again. {@code node} */
    UNCORDON(16),
    /** The fleet places work again. {@code cause} */
    RESUME_PLACEMENT(18),
    /** A place that is kept for another gang is given up. {@code job, gang, class} */
    GIVE_UP_PLACE(30),
    /**
     * A gang that holds devices ends; one more for each doubling of the seconds that are left to it. {@code job, gang,
     * class, devices, nodes, seconds} ({@code seconds} empty if nobody can tell)
     */
    END_OF_GANG(40);

    private final int cost;

    ChangeKind(int cost) {
        this.cost = cost;
    }

    public int cost() {
        return cost;
    }
}
