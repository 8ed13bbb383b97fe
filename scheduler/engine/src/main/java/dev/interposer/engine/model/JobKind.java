package dev.interposer.engine.model;

/** What a job does: train until it ends, or serve until it is cancelled. */
public enum JobKind {
    TRAINING,
    INFERENCE
}
