package dev.interposer.server.view;

import dev.interposer.proto.agent.v1.DeviceTelemetry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What devices measured last, as the agents that are connected here say. Soft: it is in no ledger, nothing is decided
 * by it, and a server that does not lead has none.
 *
 * <p>An agent says what changed, by the places of the devices in the inventory that it said last.
 */
public final class DeviceReadings {
    private record Node(List<String> names, Map<String, DeviceTelemetry> byDevice) {}

    private final Map<String, Node> nodes = new ConcurrentHashMap<>();

    /** A stream began, or the node has other devices: what follows is told anew. */
    public void inventory(String node, List<String> devices) {
        nodes.put(node, new Node(List.copyOf(devices), Map.of()));
    }

    /** Changes of one node; they come one after the other. */
    public void changed(String node, List<DeviceTelemetry> changes) {
        Node known = nodes.get(node);
        if (known == null || changes.isEmpty()) {
            return;
        }
        Map<String, DeviceTelemetry> merged = new HashMap<>(known.byDevice);
        for (DeviceTelemetry change : changes) {
            // An agent that names a device which it never told of says nothing.
            if (Integer.compareUnsigned(change.getDeviceIndex(), known.names.size()) < 0) {
                String device = known.names.get(change.getDeviceIndex());
                if (change.getUnmeasured()) {
                    merged.remove(device);
                } else {
                    merged.merge(
                            device,
                            change,
                            (before, after) ->
                                    before.toBuilder().mergeFrom(after).build());
                }
            }
        }
        nodes.put(node, new Node(known.names, Map.copyOf(merged)));
    }

    /** Its stream ended: what its devices measure is not known any more. */
    public void left(String node) {
        nodes.remove(node);
    }

    /** Null if it measured nothing. */
    @Nullable
    DeviceTelemetry of(String node, String device) {
        Node known = nodes.get(node);
        return known == null ? null : known.byDevice.get(device);
    }
}
