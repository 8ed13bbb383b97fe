package dev.interposer.engine.state;

import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.model.Device;
import java.util.List;

/** What others do with nodes and devices that the ledger does not know of. */
public final class Others {
    private Others() {}

    /** Somebody uses the n-th device of a node from now on; nobody where the name is empty. */
    public static FleetEvent use(NodeState node, int number, String who) {
        List<Device> devices = List.copyOf(node.devices());
        long used = devices.get(number % devices.size()).id();
        return new FleetEvent.NodeReported(
                node.id(),
                node.info(),
                devices.stream()
                        .map(device -> device.id() == used ? usedBy(device, who) : device)
                        .toList());
    }

    /** Whoever does not use a device begins to, and whoever does ends. */
    public static FleetEvent comeOrGo(NodeState node, int number) {
        List<Device> devices = List.copyOf(node.devices());
        boolean used = devices.get(number % devices.size()).report().isForeign();
        return use(node, number, used ? "" : "batch/other-" + number);
    }

    /** The node is only looked at from now on, or no longer. */
    public static FleetEvent observe(NodeState node, boolean only) {
        return new FleetEvent.NodeReported(node.id(), node.info().observedOnly(only), List.copyOf(node.devices()));
    }

    private static Device usedBy(Device device, String who) {
        return new Device(
                device.id(),
                device.className(),
                device.quarantineReason(),
                device.report().usedBy(who));
    }
}
