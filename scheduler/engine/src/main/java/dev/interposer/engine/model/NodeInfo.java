package dev.interposer.engine.model;

import java.util.Map;

/**
 * What is said of a node by its agent or its cluster, without the devices.
 *
 * @param name {@code cluster/node}
 * @param bootId changes when the machine restarts
 * @param agentVersion version of the agent
 * @param labels labels of the node, topology included
 * @param capacity resources by name that work may use, in the units of {@link Role#requests}
 * @param address where workers on other nodes reach those on this one; empty when nobody knows
 * @param observed whether it is only looked at, since another scheduler owns it: it counts as installed, and nothing is
 *     ever placed there, whatever an operator says of its cordon
 */
public record NodeInfo(
        String name,
        String bootId,
        String agentVersion,
        Map<String, String> labels,
        Map<String, Long> capacity,
        String address,
        boolean observed) {
    public NodeInfo {
        labels = SortedCopy.of(labels);
        capacity = SortedCopy.of(capacity);
    }

    /** Of one that takes work. */
    public NodeInfo(
            String name,
            String bootId,
            String agentVersion,
            Map<String, String> labels,
            Map<String, Long> capacity,
            String address) {
        this(name, bootId, agentVersion, labels, capacity, address, false);
    }

    /** Of an agent that says no address. */
    public NodeInfo(
            String name, String bootId, String agentVersion, Map<String, String> labels, Map<String, Long> capacity) {
        this(name, bootId, agentVersion, labels, capacity, "");
    }

    /** The same node, only looked at from now on; or no longer. */
    public NodeInfo observedOnly(boolean only) {
        return new NodeInfo(name, bootId, agentVersion, labels, capacity, address, only);
    }

    /** The part of the name before the slash. */
    public String cluster() {
        return name.substring(0, Math.max(0, name.indexOf('/')));
    }
}
