package dev.interposer.engine.placement;

import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.Ids;

/**
 * The tightest place that fits.
 *
 * <p><b>Goals.</b> Keep whole nodes free for large workers, and whole devices free for whole requests.
 *
 * <p><b>Constraints.</b> All devices of a worker are of one class on one node; its other resources fit there too.
 *
 * <p><b>Algorithm.</b> Whole devices: the node with the fewest free devices that suffice, lowest slot first, by
 * buckets. A share: the partly taken device with the least room that suffices, among the first {@value #SHARED_LOOK}
 * nodes that have one; else a fresh device by the rule for whole ones. No devices: nodes without devices before nodes
 * with, lowest slot first.
 */
public final class BestFit implements PlacementPolicy {
    private static final int SHARED_LOOK = 64;

    @Override
    public boolean weighsClasses() {
        return false;
    }

    @Override
    public int chooseNode(Fleet fleet, WorkerRequest request, Domain within) {
        if (request.devices() == 0) {
            int bare = withoutDevices(fleet, request, within, true);
            return bare >= 0 ? bare : withoutDevices(fleet, request, within, false);
        }
        for (int index = 0; index < request.classCount(); index++) {
            int chipClass = request.classAt(index);
            int node = request.shared() ? shared(fleet, request, chipClass, within) : -1;
            if (node < 0) {
                node = whole(fleet, request, chipClass, within);
            }
            if (node >= 0) {
                return node;
            }
        }
        return -1;
    }

    @Override
    public Ids chooseDevices(Fleet fleet, WorkerRequest request, int node) {
        if (request.devices() == 0) {
            return Ids.NONE;
        }
        if (request.shared() && request.devices() == 1) {
            int device = tightestDevice(fleet, request, node);
            return Ids.of(fleet.deviceId(node, device));
        }
        for (int index = 0; index < request.classCount(); index++) {
            Ids chosen = wholeDevices(fleet, request.devices(), request.classAt(index), node);
            if (chosen.size() == request.devices()) {
                return chosen;
            }
        }
        throw new IllegalStateException("node slot " + node + " was chosen without room");
    }

    private static int whole(Fleet fleet, WorkerRequest request, int chipClass, Domain within) {
        for (int free = request.devices(); free <= fleet.mostFree(chipClass); free++) {
            int node = fleet.nextWithFree(chipClass, free, 0);
            while (node >= 0) {
                if (within.contains(fleet, node) && fleet.hasResources(request, node)) {
                    return node;
                }
                node = fleet.nextWithFree(chipClass, free, node + 1);
            }
        }
        return -1;
    }

    private static int shared(Fleet fleet, WorkerRequest request, int chipClass, Domain within) {
        if (request.devices() != 1) {
            return -1;
        }
        WorkerRequest ofClass = request.classCount() == 1 ? request : request.ofClass(chipClass);
        int best = -1;
        int bestFree = Integer.MAX_VALUE;
        int looked = 0;
        int node = fleet.nextWithPartial(chipClass, 0);
        while (node >= 0 && looked < SHARED_LOOK) {
            if (within.contains(fleet, node) && fleet.hasResources(request, node)) {
                int device = partialDevice(fleet, ofClass, node);
                if (device >= 0) {
                    looked++;
                    if (fleet.deviceFreeMilli(node, device) < bestFree) {
                        best = node;
                        bestFree = fleet.deviceFreeMilli(node, device);
                    }
                }
            }
            node = fleet.nextWithPartial(chipClass, node + 1);
        }
        return best;
    }

    /** Index of the partly taken device with the least room that suffices, or −1. */
    private static int partialDevice(Fleet fleet, WorkerRequest request, int node) {
        int device = tightest(fleet, request, node);
        return device >= 0 && fleet.deviceFreeMilli(node, device) < 1000 ? device : -1;
    }

    private static int tightestDevice(Fleet fleet, WorkerRequest request, int node) {
        int device = tightest(fleet, request, node);
        if (device < 0) {
            throw new IllegalStateException("node slot " + node + " was chosen without room");
        }
        return device;
    }

    private static int tightest(Fleet fleet, WorkerRequest request, int node) {
        int best = -1;
        for (int index = 0; index < fleet.deviceCount(node); index++) {
            int free = fleet.deviceFreeMilli(node, index);
            boolean fits = fleet.deviceUsable(node, index)
                    && free >= request.shareMilli()
                    && request.admits(fleet.deviceClass(node, index));
            if (fits && (best < 0 || free < fleet.deviceFreeMilli(node, best))) {
                best = index;
            }
        }
        return best;
    }

    private static Ids wholeDevices(Fleet fleet, int wanted, int chipClass, int node) {
        long[] chosen = new long[wanted];
        int found = 0;
        for (int index = 0; index < fleet.deviceCount(node) && found < wanted; index++) {
            if (fleet.deviceClass(node, index) == chipClass
                    && fleet.deviceUsable(node, index)
                    && fleet.deviceFreeMilli(node, index) == 1000) {
                chosen[found++] = fleet.deviceId(node, index);
            }
        }
        return found == wanted ? Ids.of(chosen) : Ids.NONE;
    }

    private static int withoutDevices(Fleet fleet, WorkerRequest request, Domain within, boolean bare) {
        int node = fleet.nextSchedulable(0);
        while (node >= 0) {
            if (bare == (fleet.deviceCount(node) == 0)
                    && within.contains(fleet, node)
                    && fleet.hasResources(request, node)) {
                return node;
            }
            node = fleet.nextSchedulable(node + 1);
        }
        return -1;
    }
}
