package dev.interposer.simulation.fault;

/** Bugs that are planted to see that the checker finds them, each with the words by which it must be found. */
public enum Bug {
    NONE(""),
    /** Every command is answered when it is decided, not when it is durable. */
    ACKNOWLEDGES_BEFORE_COMMIT("was acknowledged and is lost"),
    /** The same with cancellations alone. */
    ACKNOWLEDGES_CANCELS_BEFORE_COMMIT("the cancellation of"),
    /** An append does not look at the epoch. */
    FORGETS_THE_EPOCH("does not follow revision"),
    /** An agent that restarts begins again what it had begun. */
    BEGINS_AGAIN("was begun twice"),
    /** An agent says that a worker ended as soon as it is told to stop it. */
    SAYS_ENDED_AT_RELEASE("thousandths in use"),
    /** Watchers are shown a change when it is decided, not when it is durable. */
    SHOWS_BEFORE_COMMIT("otherwise than it is in the ledger"),
    /** Watchers are shown nothing after the first changes. */
    STALLS_WATCHERS("a watcher stands at"),
    /** Watchers are never shown some changes. */
    SKIPS_CHANGES("was told to go on from"),
    /** A snapshot leaves out what started. */
    SNAPSHOTS_WITHOUT_STARTS("a snapshot and its tail fold to another state"),
    /** An agent that restarts lets the leases of its workers begin anew. */
    LENGTHENS_LEASES("still ran");

    private final String words;

    Bug(String words) {
        this.words = words;
    }

    /** What a violation says that this bug causes. */
    public String words() {
        return words;
    }
}
