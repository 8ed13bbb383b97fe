package dev.interposer.engine.model;

/**
 * Why work waits, stopped or ended. Each constant names its parameters. {@code domain} is the place nearest to what is
 * wanted, {@code missing} by how much it, or the fleet, falls short: workers where they must be together, else devices.
 */
public enum ReasonCode {
    /** Nothing to explain. */
    NONE,
    /** Not decided yet. */
    NOT_CONSIDERED,
    /**
     * No device of any admitted class is installed. {@code class, domain, needed, missing} (the domain is the fleet; of
     * a selector the class is what it asks for, in words)
     */
    NO_SUCH_DEVICES,
    /**
     * Fewer devices healthy than the gang needs, even if all were free. {@code class, needed, healthy, domain, best,
     * missing} (the cluster with the most of them, the fleet where none is healthy); {@code observed} more are where
     * nothing is placed, if any are
     */
    EXCEEDS_FLEET,
    /**
     * Too few free devices. {@code class, needed, free, domain, best, missing} (the cluster with the most of them); of
     * parts of devices {@code part} says which, and the others count them; {@code foreign} of the class are in use by
     * somebody outside of the fleet's ledger, if any are
     */
    INSUFFICIENT_DEVICES,
    /**
     * Enough free devices, too few together on nodes. {@code class, perWorker, workers, placeable, domain, best,
     * missing} (the node nearest to one worker more and its free devices)
     */
    FRAGMENTED_DEVICES,
    /**
     * Devices would do; a resource of their nodes is short. {@code class, resource, needed, placeable, domain, best,
     * missing} (the node with the most of it; no class where no devices are asked for)
     */
    INSUFFICIENT_RESOURCE,
    /**
     * No node of any kind could ever hold one worker. {@code class, resource, needed, largest, domain, missing} (the
     * largest node; {@code devices} is a resource too); {@code observed} is a node that could and is only looked at
     */
    WORKER_EXCEEDS_NODES,
    /**
     * Enough places in total, too few inside one domain. {@code class, level, needed, domain, best, missing}; where
     * groups of {@code groupSize} find none, {@code placeable} workers do and {@code best} more might in the domain
     */
    TOPOLOGY,
    /**
     * Enough places, too few in domains in which nothing runs, of a class that gives a level whole or not at all.
     * {@code class, level, needed, best, domain, busy, missing} (the domain in use nearest to empty, its busy devices)
     */
    WHOLE_LEVEL,
    /**
     * A place, but not where the replicas stay even. {@code class, level, maxSkew, needed, domain, best, missing} (of
     * the domains that another replica may enter the one with most room for its workers)
     */
    SPREAD,
    /** Earlier work of the same queue is ahead and takes what there is. {@code queue, position} (of one gang) */
    BEHIND_OTHERS,
    /**
     * A hard cap of a policy. {@code policy, class, tier, supplier, cap, share, wouldBe, missing} (in percent, and
     * devices of the class beyond it)
     */
    SOURCING_CAP,
    /**
     * One supplier serves all that it may of the job's replicas. {@code policy, class, tier, supplier, coverage,
     * replicas, most, missing} (policy empty for the job's own wish)
     */
    SOURCING_REPLICAS,
    /**
     * The replicas left must bring suppliers that do not serve yet. {@code policy, class, tier, suppliers, wanted,
     * missing}
     */
    SOURCING_SUPPLIERS,
    /**
     * Devices would do; they are kept for another gang. {@code class, workers, placeable, domain, job, startAtMicros,
     * missing} (a node of that place, workers that have room elsewhere)
     */
    RESERVED,
    /**
     * A place is kept for it and still in use. {@code class, workers, domain, missing, startAtMicros}; where devices
     * would do, {@code resource} of its nodes is short for {@code missing} workers
     */
    AWAITING_RESERVATION,
    /** Others were asked to leave for it. Parameters likewise. */
    AWAITING_EVICTION,
    /** A limit of the queue or of one above it. {@code class, queue, scope, limit, used, needed, missing} */
    QUEUE_LIMIT,
    /** The queue may borrow no more. {@code class, queue, scope, guarantee, borrowLimit, used, needed, missing} */
    BORROW_LIMIT,
    /**
     * Free and kept back for guarantees of other queues. {@code class, queue, scope, free, withheld, needed, missing}
     */
    WITHHELD,
    /** Its user may have no more devices in the queue. {@code class, queue, user, limit, used, needed, missing} */
    USER_DEVICES,
    /** Its user may run no more jobs in the queue. {@code class, queue, user, limit, missing} */
    USER_JOBS,
    /** Of a profile: the job ran under another and keeps that, until it allows a change. {@code profile} */
    PROFILE_KEPT,
    /** Nothing is started until somebody resumes it. {@code cause} */
    PLACEMENT_HALTED,
    /** The queue starts nothing. {@code queue, state} */
    QUEUE_HELD,
    /** Waiting after a failure. {@code untilMicros, failures} */
    BACKOFF,
    /**
     * Waiting after the API server of its cluster refused one of its pods. {@code untilMicros, failures, message} (what
     * it said)
     */
    POD_REJECTED,
    /** Its owner holds it back. */
    SUSPENDED,
    /** A node is silent and not confirmed to run nothing. {@code node} */
    WAITING_FOR_FENCE,
    /** A stop was asked for and is not confirmed. {@code workers} */
    STOPPING,
    /** Every worker ended with code 0. */
    COMPLETED,
    /** A worker ended with a fatal exit code. {@code worker, exitCode} */
    FATAL_EXIT_CODE,
    /** No retry is left. {@code failures, limit, worker, exitCode} */
    BACKOFF_LIMIT_EXCEEDED,
    /** Somebody cancelled it. {@code actor} */
    CANCELLED,
    /** It ran for longer than it may. {@code seconds} */
    DEADLINE_EXCEEDED,
    /** Its job needs fewer replicas by now. */
    SCALED_DOWN;

    /** Whether it says only that something waits, and not for what: too many of these explain nothing. */
    public boolean catchAll() {
        return this == NONE || this == NOT_CONSIDERED || this == BEHIND_OTHERS;
    }
}
