package dev.interposer.engine.model;

import java.util.Map;

/**
 * The workers of a gang that are alike.
 *
 * @param name {@code worker} unless the profile names roles
 * @param workers how many of them
 * @param accelerators devices of each worker
 * @param requests other resources of each worker by name: {@code cpu} in thousandths, {@code memory} and
 *     {@code ephemeral-storage} in bytes, anything else as a count
 * @param container what each worker runs
 */
public record Role(
        String name,
        WorkerCount workers,
        AcceleratorRequest accelerators,
        Map<String, Long> requests,
        Container container) {
    public Role {
        requests = SortedCopy.of(requests);
    }

    /** The same with another number of workers. */
    public Role withWorkers(WorkerCount count) {
        return new Role(name, count, accelerators, requests, container);
    }
}
