package dev.interposer.engine.model;

/** Why a gang is being stopped. */
public enum StopCause {
    CANCELLED,
    WORKER_FAILED,
    NODE_LOST,
    DEVICE_FAILED,
    PREEMPTED,
    DEADLINE,
    SCALED_DOWN,
    /** It goes on at once with another number of workers. */
    RESIZED,
    /** Its node is being emptied. */
    DRAINED
}
