package dev.interposer.engine.state;

import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.table.IdTable;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The nodes, by id and by name. */
public final class Nodes {
    private final List<StateObserver> observers;
    private final IdTable<NodeState> byId = new IdTable<>();
    private final Map<String, NodeState> byName = new HashMap<>();

    Nodes(List<StateObserver> observers) {
        this.observers = observers;
    }

    public @Nullable NodeState find(long id) {
        return byId.find(id);
    }

    /** By {@code cluster/node}. */
    public @Nullable NodeState find(String name) {
        return byName.get(name);
    }

    /** In the order of their ids, which is that of their coming. */
    public Collection<NodeState> all() {
        return byId.all();
    }

    /** Those with a greater id, in the order of their coming. */
    public Iterable<NodeState> after(long id) {
        return byId.after(id);
    }

    NodeState require(long id) {
        NodeState node = byId.find(id);
        if (node == null) {
            throw new IllegalStateException("no node with id " + id);
        }
        return node;
    }

    void apply(long revision, long atMicros, FleetEvent event) {
        switch (event) {
            case FleetEvent.NodeReported reported -> report(reported, atMicros);
            case FleetEvent.NodeRemoved removed -> {
                remove(removed.nodeId());
                return;
            }
            case FleetEvent.DeviceHealthChanged changed -> {
                changeHealth(changed, atMicros);
                require(changed.nodeId()).revision = revision;
                return;
            }
            case FleetEvent.NodeLost lost -> move(require(lost.nodeId()), NodePhase.LOST, "", atMicros);
            case FleetEvent.NodeFenced fenced ->
                move(require(fenced.nodeId()), NodePhase.FENCED, fenced.how(), atMicros);
            case FleetEvent.NodeReturned returned -> {
                NodeState node = require(returned.nodeId());
                move(node, NodePhase.READY, "", atMicros);
                node.holds.clear();
                node.holds.addAll(returned.holds());
            }
            case FleetEvent.HoldReleased released ->
                require(released.nodeId()).holds.removeIf(hold -> hold.key().equals(released.key()));
            case FleetEvent.NodeCordoned cordoned -> {
                NodeState node = require(cordoned.nodeId());
                node.cordoned = cordoned.cordoned();
                node.draining &= cordoned.cordoned();
                node.cordonedSlice = null;
                node.cordonReason = "";
            }
            case FleetEvent.SliceCordoned cordoned -> {
                NodeState node = require(cordoned.nodeId());
                node.cordoned = true;
                node.cordonedSlice = cordoned.slice();
                node.cordonReason = cordoned.reason();
            }
            case FleetEvent.NodeDraining draining -> {
                NodeState node = require(draining.nodeId());
                node.cordoned = true;
                node.draining = true;
                node.drainGraceSeconds = draining.graceSeconds();
                node.cordonedSlice = null;
                node.cordonReason = "";
            }
        }
        NodeState node = require(event.nodeId());
        node.revision = revision;
        observers.forEach(observer -> observer.nodeChanged(node));
    }

    private static void move(NodeState node, NodePhase phase, String fencedHow, long atMicros) {
        node.phase = phase;
        node.fencedHow = fencedHow;
        node.phaseSinceMicros = atMicros;
    }

    private void report(FleetEvent.NodeReported reported, long atMicros) {
        NodeState node = byId.find(reported.nodeId());
        if (node == null) {
            node = new NodeState(reported.nodeId(), reported.info());
            node.phaseSinceMicros = atMicros;
            byId.add(node.id(), node);
        } else {
            byName.remove(node.name());
            node.info = reported.info();
        }
        byName.put(node.name(), node);
        Map<Long, Device> devices =
                LinkedHashMap.newLinkedHashMap(reported.devices().size());
        reported.devices().forEach(device -> devices.put(device.id(), device));
        node.devices = devices;
        node.failedSince.keySet().removeIf(device -> !failed(devices.get(device)));
        for (Device device : devices.values()) {
            if (failed(device)) {
                node.failedSince.putIfAbsent(device.id(), atMicros);
            }
        }
    }

    private static boolean failed(@Nullable Device device) {
        return device != null && device.report().health() == Health.FAILED;
    }

    private void remove(long id) {
        NodeState node = require(id);
        if (!node.workers().isEmpty()) {
            throw new IllegalStateException("node " + node.name() + " still has workers");
        }
        byId.remove(id);
        byName.remove(node.name());
        observers.forEach(observer -> observer.nodeRemoved(node));
    }

    private void changeHealth(FleetEvent.DeviceHealthChanged changed, long atMicros) {
        NodeState node = require(changed.nodeId());
        Device device = node.device(changed.deviceId());
        if (device == null) {
            throw new IllegalStateException("node " + node.name() + " has no device with id " + changed.deviceId());
        }
        node.devices.put(
                device.id(),
                new Device(
                        device.id(),
                        device.className(),
                        device.quarantineReason(),
                        device.report().withHealth(changed.health(), changed.cause())));
        if (changed.health() == Health.FAILED) {
            // Another cause of the same failure is no other failure.
            node.failedSince.putIfAbsent(device.id(), atMicros);
        } else {
            node.failedSince.remove(device.id());
        }
        observers.forEach(observer -> observer.deviceHealthChanged(node, device.id()));
    }
}
