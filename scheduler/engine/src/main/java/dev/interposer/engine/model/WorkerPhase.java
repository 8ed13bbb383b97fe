package dev.interposer.engine.model;

/** Where one worker of an attempt stands, as its agent last confirmed. */
public enum WorkerPhase {
    ASSIGNED,
    RUNNING,
    ENDED
}
