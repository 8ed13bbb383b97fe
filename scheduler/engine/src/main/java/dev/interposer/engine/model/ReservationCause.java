package dev.interposer.engine.model;

/** Why devices are kept for a gang that does not run yet. */
public enum ReservationCause {
    /** It has waited longest in its priority band and smaller work would pass it for ever. */
    LONGEST_WAIT,
    /** Work was evicted for it. */
    PREEMPTION,
    /** It is being restarted with another number of workers. */
    RESIZE
}
