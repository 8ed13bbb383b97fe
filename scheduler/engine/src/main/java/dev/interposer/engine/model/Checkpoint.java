package dev.interposer.engine.model;

/**
 * Checkpoints of a training job; times are priors until measured.
 *
 * @param everySeconds time between two checkpoints
 * @param saveSeconds time to write one
 * @param restoreSeconds time to start from one
 * @param signal signal that asks for one, such as {@code SIGUSR1}; empty for none
 */
public record Checkpoint(long everySeconds, long saveSeconds, long restoreSeconds, String signal) {}
