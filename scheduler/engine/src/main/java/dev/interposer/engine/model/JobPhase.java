package dev.interposer.engine.model;

/** Where a job stands, over all its gangs. */
public enum JobPhase {
    /** Nothing is placed; see the reason. */
    WAITING,
    /** At least one gang is placed and not all its workers run yet. */
    STARTING,
    /** Every worker of at least one gang runs, and no gang is short of its own start. */
    RUNNING,
    /** A release was asked for and is not yet confirmed; or every gang has ended and the job's own end comes next. */
    STOPPING,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    public boolean ended() {
        return this == SUCCEEDED || this == FAILED || this == CANCELLED;
    }
}
