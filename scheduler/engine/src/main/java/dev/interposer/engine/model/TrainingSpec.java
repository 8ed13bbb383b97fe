package dev.interposer.engine.model;

import org.jspecify.annotations.Nullable;

/**
 * What only training jobs say.
 *
 * @param estimatedSeconds on the first profile; a hint, 0 if unknown
 * @param progress how it reports progress; null if it does not
 * @param checkpoint null if it takes none
 * @param preemption when it may be evicted
 * @param resizePolicy whether its number of workers may change while it runs
 * @param resizeCooldownSeconds least time between two changes of size
 * @param profileChange whether it may move to another profile after its first start
 * @param failurePolicy what happens when a worker or a node fails
 * @param canary what may be run unasked to qualify a profile; null for never
 */
public record TrainingSpec(
        long estimatedSeconds,
        @Nullable Progress progress,
        @Nullable Checkpoint checkpoint,
        Preemption preemption,
        ResizePolicy resizePolicy,
        long resizeCooldownSeconds,
        ProfileChange profileChange,
        FailurePolicy failurePolicy,
        @Nullable Canary canary) {
    public static final TrainingSpec DEFAULT = new TrainingSpec(
            0, null, null, Preemption.DEFAULT, ResizePolicy.NEVER, 0, ProfileChange.NEVER, FailurePolicy.DEFAULT, null);

    /** When a running job may change its number of workers. */
    public enum ResizePolicy {
        NEVER,
        AT_CHECKPOINT,
        LIVE
    }

    /** When a job that has started once may continue under another profile. */
    public enum ProfileChange {
        NEVER,
        AT_CHECKPOINT
    }
}
