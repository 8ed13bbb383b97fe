package dev.interposer.engine.preemption;

import dev.interposer.engine.fleet.DevicesLeft;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.state.WorkerState;
import java.util.Arrays;
import java.util.List;

/** What a node would have free for a worker if some of its work were gone; one node after another. */
final class Room {
    private final Fleet fleet;
    private final int chipClass;
    private final WorkerRequest wanted;
    private final DevicesLeft devices;
    private final long[] more;
    private int slot;

    Room(Fleet fleet, int chipClass, WorkerRequest wanted) {
        this.fleet = fleet;
        this.chipClass = chipClass;
        this.wanted = wanted;
        this.devices = fleet.devicesLeft();
        this.more = new long[fleet.dimensions()];
    }

    /** Begins with a node as it is. */
    void at(int node) {
        slot = node;
        devices.at(node);
        Arrays.fill(more, 0);
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
