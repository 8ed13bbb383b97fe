package dev.interposer.engine.placement;

import dev.interposer.engine.fleet.Chosen;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.Search;
import dev.interposer.engine.fleet.WorkerRequest;

/**
 * The tightest place that fits.
 *
 * <p><b>Goals.</b> Keep whole nodes free for large workers, and whole devices free for whole requests.
 *
 * <p><b>Constraints.</b> All devices of a worker are of one class on one node; its other resources fit there too. A
 * device is taken whole, shared or split, never two of these at once.
 *
 * <p><b>Algorithm.</b> Whole devices: the node with the fewest free devices that suffice, lowest slot first. A share:
 * the partly taken device with the least room that suffices, told apart in steps of 50 thousandths; else a fresh device
 * by the rule for whole ones. A partition: a device that its agent has split that way; else a place on a device that is
 * split already; else a fresh one; on a device, the start that leaves the most room for other partitions. No devices:
 * nodes without devices before nodes with, lowest slot first.
 */
public final class BestFit implements PlacementPolicy {
    @Override
    public boolean weighsClasses() {
        return false;
    }

    @Override
    public int chooseNode(Fleet fleet, WorkerRequest request, Domain within) {
        if (request.devices() == 0) {
            return fleet.search().host(request, within.key(), within.number());
        }
        for (int index = 0; index < request.classCount(); index++) {
            int node = ofClass(fleet.search(), request, request.classAt(index), within);
            if (node >= 0) {
                return node;
            }
        }
        return -1;
    }

    @Override
    public void chooseDevices(Fleet fleet, WorkerRequest request, int node, Chosen chosen) {
        chosen.clear();
        if (request.devices() == 0) {
            return;
        }
        for (int index = 0; index < request.classCount(); index++) {
            if (choose(fleet.search(), request, request.classAt(index), node, chosen)) {
                return;
            }
        }
        throw new IllegalStateException("node slot " + node + " was chosen without room");
    }

    private static int ofClass(Search search, WorkerRequest request, int chipClass, Domain within) {
        int node = -1;
        if (request.partitioned()) {
            node = search.withSplit(request, within.key(), within.number());
        }
        if (node < 0 && ofOnePart(request)) {
            node = search.withPart(request, chipClass, within.key(), within.number());
        }
        if (node < 0 && (!request.partitioned() || search.splits(request, chipClass))) {
            node = search.tightest(request, chipClass, within.key(), within.number());
        }
        return node;
    }

    private static boolean choose(Search search, WorkerRequest request, int chipClass, int node, Chosen chosen) {
        return (request.partitioned() && search.chooseSplit(request, node, chosen))
                || (ofOnePart(request) && search.choosePart(request, chipClass, node, chosen))
                || search.chooseFresh(request, chipClass, node, chosen);
    }

    private static boolean ofOnePart(WorkerRequest request) {
        return request.devices() == 1 && !request.whole();
    }
}
