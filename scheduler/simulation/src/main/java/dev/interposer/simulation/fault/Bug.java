package dev.interposer.simulation.fault;

/** Bugs that are planted to see that the checker finds them. */
public enum Bug {
    NONE,
    /** A submission is answered when it is taken, not when it is durable. */
    ACKNOWLEDGES_BEFORE_COMMIT,
    /** An append does not look at the epoch. */
    FORGETS_THE_EPOCH,
    /** An agent that restarts begins again what it had begun. */
    BEGINS_AGAIN,
    /** An agent says that a worker ended as soon as it is told to stop it. */
    SAYS_ENDED_AT_RELEASE,
    /** Watchers are shown a change when it is decided, not when it is durable. */
    SHOWS_BEFORE_COMMIT,
    /** An agent that restarts lets the leases of its workers begin anew. */
    LENGTHENS_LEASES
}
