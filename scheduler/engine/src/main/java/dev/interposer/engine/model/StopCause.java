package dev.interposer.engine.model;

/** Why a gang is being stopped. */
public enum StopCause {
    CANCELLED,
    WORKER_FAILED,
    NODE_LOST,
    DEVICE_FAILED,
    PREEMPTED,
    DEADLINE,
    SCALED_DOWN
}
