package dev.interposer.engine.model;

/** Damped health of a device. Only {@link #HEALTHY} devices take new work. */
public enum Health {
    HEALTHY,
    SUSPECT,
    FAILED,
    DRAINING
}
