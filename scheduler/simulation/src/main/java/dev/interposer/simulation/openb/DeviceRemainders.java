package dev.interposer.simulation.openb;

import dev.interposer.engine.fleet.Fleet;
import java.util.Arrays;

/** Free thousandths of each device of a node, in order; a value. */
final class DeviceRemainders {
    private final int[] milli;

    private DeviceRemainders(int[] milli) {
        this.milli = milli;
    }

    static DeviceRemainders of(Fleet fleet, int node) {
        int[] milli = new int[fleet.deviceCount(node)];
        for (int device = 0; device < milli.length; device++) {
            milli[device] = fleet.deviceFreeMilli(node, device);
        }
        return new DeviceRemainders(milli);
    }

    static DeviceRemainders of(int... milli) {
        return new DeviceRemainders(milli.clone());
    }

    int size() {
        return milli.length;
    }

    int get(int device) {
        return milli[device];
    }

    long sum() {
        return Arrays.stream(milli).sum();
    }

    DeviceRemainders take(int device, int amount) {
        int[] after = milli.clone();
        after[device] -= amount;
        return new DeviceRemainders(after);
    }

    /** The first idle devices, whole. */
    DeviceRemainders takeWhole(int devices) {
        int[] after = milli.clone();
        int left = devices;
        for (int device = 0; device < after.length && left > 0; device++) {
            if (after[device] == 1000) {
                after[device] = 0;
                left--;
            }
        }
        return new DeviceRemainders(after);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DeviceRemainders remainders && Arrays.equals(milli, remainders.milli);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(milli);
    }
}
