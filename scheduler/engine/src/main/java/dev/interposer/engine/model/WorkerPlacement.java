package dev.interposer.engine.model;

/**
 * One worker bound to a node and devices. The worker's index in the gang is its place in the list.
 *
 * @param role index of its role in the profile
 * @param nodeId the node
 * @param devices the devices, whole, shared or split as the role says
 * @param start the first slice of its partition on the device; 0 unless it has one
 */
public record WorkerPlacement(int role, long nodeId, Ids devices, int start) {
    /** A worker with whole devices or shares. */
    public WorkerPlacement(int role, long nodeId, Ids devices) {
        this(role, nodeId, devices, 0);
    }
}
