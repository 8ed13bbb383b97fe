package dev.interposer.engine.model;

/** Why a worker ended. The cause decides what happens next and whether it counts against the job. */
public enum EndCause {
    /** Exit code 0. */
    COMPLETED(false),
    /** The job's own fault: a non-zero exit code. */
    EXIT_CODE(true),
    /** Killed for memory. */
    OUT_OF_MEMORY(true),
    /** The command could not be started (no such file, no permission). */
    START_FAILED(true),
    /** A device failed under it. */
    DEVICE_FAULT(false),
    /** The node was lost and fenced. */
    NODE_LOST(false),
    /** The agent restarted and could not learn how the process ended. */
    UNKNOWN(false),
    /** Stopped because the scheduler asked for it. */
    RELEASED(false);

    private final boolean counted;

    EndCause(boolean counted) {
        this.counted = counted;
    }

    /** Whether an end of this cause uses up one of the job's retries. */
    public boolean counted() {
        return counted;
    }
}
