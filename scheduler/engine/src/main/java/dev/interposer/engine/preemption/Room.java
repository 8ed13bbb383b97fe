package dev.interposer.engine.preemption;

import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.state.WorkerState;
import java.util.List;

/** What one node would have free if some of its work were gone; counted beside the arrays, which stay as they are. */
final class Room {
    private final Fleet fleet;
    private final int slot;
    private final int chipClass;
    private final int[] freeMilli;
    private final long[] more;

    Room(Fleet fleet, int slot, int chipClass) {
        this.fleet = fleet;
        this.slot = slot;
        this.chipClass = chipClass;
        this.freeMilli = new int[fleet.deviceCount(slot)];
        this.more = new long[fleet.dimensions()];
        for (int index = 0; index < freeMilli.length; index++) {
            freeMilli[index] = serves(index) ? fleet.deviceFreeMilli(slot, index) : Integer.MIN_VALUE;
        }
    }

    private boolean serves(int index) {
        return fleet.deviceClass(slot, index) == chipClass && fleet.deviceUsable(slot, index);
    }

    /** Whether an empty node of that kind would hold a worker. */
    static boolean ever(Fleet fleet, int slot, int chipClass, WorkerRequest request) {
        int devices = 0;
        for (int index = 0; index < fleet.deviceCount(slot); index++) {
            boolean serves = fleet.deviceClass(slot, index) == chipClass && fleet.deviceUsable(slot, index);
            devices += serves ? 1 : 0;
        }
        boolean enough = devices >= request.devices();
        for (int dimension = 0; enough && dimension < fleet.dimensions(); dimension++) {
            enough = fleet.capacity(dimension, slot) >= request.resource(dimension);
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
                giveBack(worker.placement().devices(), request);
            }
        }
    }

    private void giveBack(Ids devices, WorkerRequest request) {
        for (int index = 0; index < freeMilli.length; index++) {
            if (freeMilli[index] > Integer.MIN_VALUE && devices.contains(fleet.deviceId(slot, index))) {
                freeMilli[index] += request.shareMilli();
            }
        }
        for (int dimension = 0; dimension < more.length; dimension++) {
            more[dimension] += request.resource(dimension);
        }
    }

    boolean holds(WorkerRequest request) {
        int fitting = 0;
        for (int free : freeMilli) {
            fitting += free >= request.shareMilli() ? 1 : 0;
        }
        if (chipClass >= 0 && fitting < request.devices()) {
            return false;
        }
        for (int dimension = 0; dimension < more.length; dimension++) {
            long wanted = request.resource(dimension);
            if (wanted > 0 && fleet.freeResource(dimension, slot) + more[dimension] < wanted) {
                return false;
            }
        }
        return true;
    }
}
