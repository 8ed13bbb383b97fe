package dev.interposer.engine.model;

/** Whether a node is in touch. */
public enum NodePhase {
    /** Its agent is connected or was a moment ago. */
    READY,
    /** Silent for longer than the fleet allows; nobody knows what runs there. */
    LOST,
    /** Lost, and confirmed to run nothing. */
    FENCED
}
