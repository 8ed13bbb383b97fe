package dev.interposer.engine.model;

/**
 * Devices of a node that came back with a worker nobody expects: they stay taken until its agent confirms the end of
 * it, or the worker is adopted.
 *
 * @param key the worker
 * @param devices its devices that still exist
 * @param profileName of the profile that it was assigned under, as its agent knows it; empty if it does not
 * @param roleName of its role; empty likewise
 * @param worldSize number of workers in its gang; 0 likewise
 */
public record Hold(WorkerKey key, Ids devices, String profileName, String roleName, int worldSize) {}
