package dev.interposer.engine.explain;

import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;

/** How many workers alike a node would hold now, if each stood alone. */
final class Rooms {
    private final Fleet fleet;

    Rooms(Fleet fleet) {
        this.fleet = fleet;
    }

    /** By its devices and its other resources. */
    long of(WorkerRequest request, int chipClass, int node) {
        long places = request.devices() > 0 ? byDevices(request, chipClass, node) : Integer.MAX_VALUE;
        return Math.min(places, byResources(request, node));
    }

    long byDevices(WorkerRequest request, int chipClass, int node) {
        if (request.partitioned()) {
            return fleet.search().parts(request, chipClass, node);
        }
        if (!request.shared()) {
            return fleet.freeWhole(chipClass, node) / request.devices();
        }
        long places = 0;
        for (int index = 0; index < fleet.deviceCount(node); index++) {
            if (fleet.deviceClass(node, index) == chipClass && fleet.deviceUsable(node, index)) {
                places += Math.max(0, fleet.deviceFreeMilli(node, index)) / request.shareMilli();
            }
        }
        return places / request.devices();
    }

    long byResources(WorkerRequest request, int node) {
        long places = Integer.MAX_VALUE;
        for (int dimension = 0; dimension < fleet.dimensions(); dimension++) {
            long asked = request.resource(dimension);
            if (asked > 0) {
                places = Math.min(places, Math.max(0, fleet.freeResource(dimension, node)) / asked);
            }
        }
        return places;
    }
}
