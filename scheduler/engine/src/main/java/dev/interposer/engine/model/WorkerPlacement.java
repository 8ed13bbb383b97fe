package dev.interposer.engine.model;

/**
 * One worker bound to a node and devices. The worker's index in the gang is its place in the list.
 *
 * @param role index of its role in the profile
 * @param nodeId the node
 * @param devices the devices, whole or shared as the role says
 */
public record WorkerPlacement(int role, long nodeId, Ids devices) {}
