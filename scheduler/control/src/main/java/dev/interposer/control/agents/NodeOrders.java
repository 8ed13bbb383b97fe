package dev.interposer.control.agents;

import java.util.List;

/**
 * Orders for one node.
 *
 * @param nodeId the node
 * @param full whether this is all that the node shall run, or a change to it
 * @param holdUnknown what else runs there shall go on; meaningful when full
 * @param orders assignments and releases
 */
public record NodeOrders(long nodeId, boolean full, boolean holdUnknown, List<Order> orders) {
    public NodeOrders {
        orders = List.copyOf(orders);
    }
}
