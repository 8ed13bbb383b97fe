package dev.interposer.engine.model;

/**
 * Devices of a node that came back with a worker nobody expects any more: they stay taken until its agent confirms the
 * end of it.
 *
 * @param key the worker
 * @param devices its devices that still exist
 */
public record Hold(WorkerKey key, Ids devices) {}
