package dev.interposer.engine.preemption;

import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.state.NodeState;
import java.util.HashMap;
import java.util.Map;

/** What one node would have free if some of its work were gone; counted beside the arrays, which stay as they are. */
final class Room {
    private final Fleet fleet;
    private final int slot;
    private final int chipClass;
    private final Map<Long, Integer> freeMilli = new HashMap<>();
    private final Map<Integer, Long> more = new HashMap<>();

    Room(Fleet fleet, int slot, int chipClass) {
        this.fleet = fleet;
        this.slot = slot;
        this.chipClass = chipClass;
        for (int index = 0; index < fleet.deviceCount(slot); index++) {
            if (fleet.deviceClass(slot, index) == chipClass && fleet.deviceUsable(slot, index)) {
                freeMilli.put(fleet.deviceId(slot, index), fleet.deviceFreeMilli(slot, index));
            }
        }
    }

    void add(Leave leave, NodeState node, Holdings holdings) {
        for (WorkerPlacement worker : leave.gone().workers()) {
            if (worker.nodeId() == node.id()) {
                WorkerRequest request =
                        holdings.request(leave.gang(), leave.gang().profileIndex(), worker.role());
                worker.devices().stream()
                        .forEach(id -> freeMilli.computeIfPresent(id, (same, free) -> free + request.shareMilli()));
                for (int dimension = 0; dimension < fleet.dimensions(); dimension++) {
                    if (request.resource(dimension) > 0) {
                        more.merge(dimension, request.resource(dimension), Long::sum);
                    }
                }
            }
        }
    }

    boolean holds(WorkerRequest request) {
        long fitting = freeMilli.values().stream()
                .filter(free -> free >= request.shareMilli())
                .count();
        if (chipClass >= 0 && fitting < request.devices()) {
            return false;
        }
        for (int dimension = 0; dimension < fleet.dimensions(); dimension++) {
            long free = fleet.freeResource(dimension, slot) + more.getOrDefault(dimension, 0L);
            if (request.resource(dimension) > 0 && free < request.resource(dimension)) {
                return false;
            }
        }
        return true;
    }
}
