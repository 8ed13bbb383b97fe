package dev.interposer.engine.placement;

import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.WorkerPlacement;
import java.util.ArrayList;
import java.util.List;

/** Workers bound for a try. What it did it undoes, in the opposite order: the fleet is then as it was before. */
final class Trial {
    private final Fleet fleet;
    private final List<Bound> log = new ArrayList<>();

    private record Bound(int role, int node, Ids devices, WorkerRequest request) {}

    Trial(Fleet fleet) {
        this.fleet = fleet;
    }

    void bind(int role, int node, Ids devices, WorkerRequest request) {
        fleet.bind(new WorkerPlacement(role, fleet.nodeId(node), devices), request);
        log.add(new Bound(role, node, devices, request));
    }

    int size() {
        return log.size();
    }

    /** Undoes everything after the first {@code kept} bindings. */
    void rollbackTo(int kept) {
        while (log.size() > kept) {
            Bound last = log.removeLast();
            fleet.release(new WorkerPlacement(last.role(), fleet.nodeId(last.node()), last.devices()), last.request());
        }
    }

    List<WorkerPlacement> workers() {
        List<WorkerPlacement> workers = new ArrayList<>(log.size());
        for (Bound bound : log) {
            workers.add(new WorkerPlacement(bound.role(), fleet.nodeId(bound.node()), bound.devices()));
        }
        return workers;
    }

    /** Class of the devices that were bound, or −1 for none. */
    int chipClass() {
        for (Bound bound : log) {
            if (bound.devices().size() > 0) {
                for (int index = 0; index < fleet.deviceCount(bound.node()); index++) {
                    if (bound.devices().contains(fleet.deviceId(bound.node(), index))) {
                        return fleet.deviceClass(bound.node(), index);
                    }
                }
            }
        }
        return -1;
    }
}
