package dev.interposer.engine.model;

import java.util.Map;

/**
 * What an agent says of its node, without the devices.
 *
 * @param name {@code cluster/node}
 * @param bootId changes when the machine restarts
 * @param agentVersion version of the agent
 * @param labels labels of the node, topology included
 * @param capacity resources by name that work may use, in the units of {@link Role#requests}
 * @param address where workers on other nodes reach those on this one; empty when nobody knows
 */
public record NodeInfo(
        String name,
        String bootId,
        String agentVersion,
        Map<String, String> labels,
        Map<String, Long> capacity,
        String address) {
    public NodeInfo {
        labels = SortedCopy.of(labels);
        capacity = SortedCopy.of(capacity);
    }

    /** Of an agent that says no address. */
    public NodeInfo(
            String name, String bootId, String agentVersion, Map<String, String> labels, Map<String, Long> capacity) {
        this(name, bootId, agentVersion, labels, capacity, "");
    }

    /** The part of the name before the slash. */
    public String cluster() {
        return name.substring(0, Math.max(0, name.indexOf('/')));
    }
}
