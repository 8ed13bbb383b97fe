package dev.interposer.engine.model;

/**
 * When a job may be evicted.
 *
 * @param policy never, at a checkpoint, or at any time
 * @param minRuntimeSeconds not before it has run so long
 * @param graceSeconds time between the asking and the killing
 */
public record Preemption(Policy policy, long minRuntimeSeconds, long graceSeconds) {
    public static final Preemption DEFAULT = new Preemption(Policy.ANYTIME, 0, 30);

    /** When an eviction is allowed. */
    public enum Policy {
        NEVER,
        AT_CHECKPOINT,
        ANYTIME
    }
}
