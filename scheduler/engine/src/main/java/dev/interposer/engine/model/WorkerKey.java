package dev.interposer.engine.model;

/**
 * One worker of one attempt.
 *
 * @param jobId the job
 * @param gang index of the gang in the job: 0 for training, the replica for inference
 * @param attempt from 1
 * @param worker index of the worker in the gang, from 0: its rank
 */
public record WorkerKey(long jobId, int gang, int attempt, int worker) {}
