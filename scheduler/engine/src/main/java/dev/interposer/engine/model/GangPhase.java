package dev.interposer.engine.model;

/** Where one gang stands: the workers that are placed all or none. */
public enum GangPhase {
    /** Eligible, in the queue. */
    WAITING,
    /** Not eligible before its back-off has passed. */
    BACKOFF,
    /** Bound to devices; not every worker has reported that it runs. */
    ASSIGNED,
    /** Every worker runs. */
    RUNNING,
    /** Release asked for; devices stay bound until each worker is confirmed ended. */
    STOPPING,
    /** Ended for good. */
    ENDED;

    /** Whether devices are bound in this phase. */
    public boolean holdsDevices() {
        return this == ASSIGNED || this == RUNNING || this == STOPPING;
    }
}
