package dev.interposer.engine.preemption;

import dev.interposer.engine.fleet.DevicesLeft;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.state.WorkerState;
import java.util.List;

/** What one node would have free for a worker if some of its work were gone; the arrays stay as they are. */
final class Room {
    private final Fleet fleet;
    private final int slot;
    private final int chipClass;
    private final WorkerRequest wanted;
    private final DevicesLeft devices;
    private final long[] more;

    Room(Fleet fleet, int slot, int chipClass, WorkerRequest wanted) {
        this.fleet = fleet;
        this.slot = slot;
        this.chipClass = chipClass;
        this.wanted = wanted;
        this.devices = fleet.devicesLeft(slot);
        this.more = new long[fleet.dimensions()];
    }

    /** Whether the node would hold the worker if it were empty. */
    boolean ever() {
        boolean enough = devices.everServing(wanted, chipClass) >= wanted.devices();
        for (int dimension = 0; enough && dimension < more.length; dimension++) {
            enough = fleet.capacity(dimension, slot) >= wanted.resource(dimension);
        }
        return enough;
    }

    /** A gang's workers on the node go, as far as it leaves. */
    void add(Leave leave, List<WorkerState> workers, Holdings holdings) {
        for (WorkerState worker : workers) {
            if (worker.gang() == leave.gang() && worker.index() >= leave.keep()) {
                WorkerRequest request = holdings.request(
                        leave.gang(),
                        leave.gang().profileIndex(),
                        worker.placement().role());
                devices.giveBack(worker.placement(), request);
                for (int dimension = 0; dimension < more.length; dimension++) {
                    more[dimension] += request.resource(dimension);
                }
            }
        }
    }

    /** Whether the node holds the worker now. */
    boolean holds() {
        if (devices.serving(wanted, chipClass) < wanted.devices()) {
            return false;
        }
        for (int dimension = 0; dimension < more.length; dimension++) {
            long asked = wanted.resource(dimension);
            if (asked > 0 && fleet.freeResource(dimension, slot) + more[dimension] < asked) {
                return false;
            }
        }
        return true;
    }
}
