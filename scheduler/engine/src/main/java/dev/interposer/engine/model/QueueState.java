package dev.interposer.engine.model;

/** Whether a queue starts work. */
public enum QueueState {
    OPEN,
    /** Starts nothing; running work goes on. */
    HOLD,
    /** Starts nothing and accepts nothing; running work goes on. */
    DRAIN
}
