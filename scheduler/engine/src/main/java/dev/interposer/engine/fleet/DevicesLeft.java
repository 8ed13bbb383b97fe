package dev.interposer.engine.fleet;

import dev.interposer.engine.model.WorkerPlacement;

/** What the devices of a node would have free if some of its work were gone: a copy beside the arrays, used again. */
public final class DevicesLeft {
    private final RoomIndex index;
    private final Devices devices;
    private final int[][] devicesOfNode;
    private int[] numbers = new int[0];
    private int[] milli = new int[0];
    private long[] slices = new long[0];

    DevicesLeft(RoomIndex index, Devices devices, int[][] devicesOfNode) {
        this.index = index;
        this.devices = devices;
        this.devicesOfNode = devicesOfNode;
    }

    /** Begins with a node as it is. */
    public void at(int node) {
        numbers = devicesOfNode[node];
        if (numbers.length > milli.length) {
            milli = new int[numbers.length];
            slices = new long[numbers.length];
        }
        for (int at = 0; at < numbers.length; at++) {
            milli[at] = devices.milli(numbers[at]);
            slices[at] = devices.slices(numbers[at]);
        }
    }

    /** A worker is gone. */
    public void giveBack(WorkerPlacement worker, WorkerRequest request) {
        for (int at = 0; at < numbers.length; at++) {
            if (!worker.devices().contains(devices.id(numbers[at]))) {
                continue;
            }
            Partitions partitions = partitions(devices.classOf(numbers[at]));
            int profile = request.partitioned() ? partitions.find(request.partition()) : -1;
            if (profile >= 0) {
                slices[at] -= Devices.counters(worker.start(), partitions.slots(profile));
            } else {
                milli[at] += request.shareMilli();
            }
        }
    }

    /** How many of the devices a worker of a class could have. */
    public int serving(WorkerRequest request, int chipClass) {
        int serving = 0;
        for (int at = 0; at < numbers.length; at++) {
            serving += serves(at, request, chipClass, milli[at], slices[at]) ? 1 : 0;
        }
        return serving;
    }

    /** How many it could have if nothing were bound. */
    public int everServing(WorkerRequest request, int chipClass) {
        int serving = 0;
        for (int at = 0; at < numbers.length; at++) {
            serving += serves(at, request, chipClass, Devices.WHOLE, 0) ? 1 : 0;
        }
        return serving;
    }

    private boolean serves(int at, WorkerRequest request, int chipClass, int free, long parts) {
        int ownClass = devices.classOf(numbers[at]);
        boolean split = ownClass >= 0 && ownClass == request.splitClass();
        if (!devices.usable(numbers[at]) || (ownClass != chipClass && !split)) {
            return false;
        }
        if (!request.partitioned() || split) {
            return parts == 0 && free >= request.shareMilli();
        }
        Partitions partitions = partitions(chipClass);
        int profile = partitions.find(request.partition());
        return profile >= 0 && free == Devices.WHOLE && partitions.bestStart(profile, Devices.mask(parts)) >= 0;
    }

    private Partitions partitions(int chipClass) {
        return chipClass < 0 ? Partitions.NONE : index.of(chipClass).partitions;
    }
}
