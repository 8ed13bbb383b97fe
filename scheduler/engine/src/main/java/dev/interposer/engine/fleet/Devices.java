package dev.interposer.engine.fleet;

import java.util.Arrays;

/**
 * What is known of each device, in arrays: 16 bytes a device, and 8 more where any was ever split.
 *
 * <p>Nothing is bound to an idle device. Else it is taken whole, shared by thousandths, or split into partitions. What
 * is bound is counted, also beyond what there is, so that taking and giving back undo each other in any order.
 */
final class Devices {
    static final int WHOLE = 1000;

    private static final int CLASS_SHIFT = 33;
    private static final long USABLE = 1L << 32;
    private static final long MILLI = USABLE - 1;

    private long[] ids = new long[0];
    /**
     * Of each device what is asked together, in one number: its class in the highest 31 bits, whether it is usable, and
     * in the lower half its free thousandths.
     */
    private long[] states = new long[0];
    /** Eight counters of eight bits: how many partitions lie on each slice. None until a device is split. */
    private long[] slices = new long[0];

    private int[] vacant = new int[0];
    private int vacantCount;
    private int highest;

    int add(long id, int chipClass, boolean isUsable) {
        int device = vacantCount > 0 ? vacant[--vacantCount] : highest++;
        if (device >= ids.length) {
            int size = Math.max(64, ids.length * 2);
            ids = Arrays.copyOf(ids, size);
            states = Arrays.copyOf(states, size);
        }
        ids[device] = id;
        states[device] = ((long) chipClass << CLASS_SHIFT) | (isUsable ? USABLE : 0) | WHOLE;
        if (device < slices.length) {
            slices[device] = 0;
        }
        return device;
    }

    void drop(int device) {
        if (vacantCount == vacant.length) {
            vacant = Arrays.copyOf(vacant, Math.max(64, vacantCount * 2));
        }
        vacant[vacantCount++] = device;
    }

    long id(int device) {
        return ids[device];
    }

    int classOf(int device) {
        return (int) (states[device] >> CLASS_SHIFT);
    }

    boolean usable(int device) {
        return (states[device] & USABLE) != 0;
    }

    void setUsable(int device, boolean isUsable) {
        states[device] = (states[device] & ~USABLE) | (isUsable ? USABLE : 0);
    }

    void addMilli(int device, int milli) {
        states[device] = (states[device] & ~MILLI) | ((milli(device) + milli) & MILLI);
    }

    /** Adds a partition from a slice on, or takes it away. */
    void addSlices(int device, int start, int count, int sign) {
        if (device >= slices.length) {
            slices = Arrays.copyOf(slices, states.length);
        }
        slices[device] += sign * counters(start, count);
    }

    /** What a partition adds to the eight counters. */
    static long counters(int start, int count) {
        long one = 0;
        for (int slice = start; slice < start + count; slice++) {
            one |= 1L << (8 * slice);
        }
        return one;
    }

    /** Eight counters of eight bits. */
    long slices(int device) {
        return device < slices.length ? slices[device] : 0;
    }

    /** Thousandths that no share has taken; below zero when more is bound than there is. */
    int milli(int device) {
        return (int) states[device];
    }

    /** Thousandths that are free; none of a device that is split. Below zero when more is bound than there is. */
    int freeMilli(int device) {
        return slices(device) == 0 ? milli(device) : Math.min(0, milli(device));
    }

    /** Whether nothing is bound to it. */
    boolean idle(int device) {
        return milli(device) == WHOLE && slices(device) == 0;
    }

    boolean split(int device) {
        return slices(device) != 0;
    }

    /** A bit for each slice that a partition lies on; every bit for a device that can't be split as it is. */
    int takenSlices(int device) {
        if (milli(device) != WHOLE) {
            return Partitions.ALL_TAKEN;
        }
        return mask(slices(device));
    }

    /** A bit for each of eight counters that is above zero. */
    static int mask(long counters) {
        long counts = counters;
        int taken = 0;
        for (int slice = 0; counts != 0; slice++, counts >>>= 8) {
            taken |= (counts & 0xFF) != 0 ? 1 << slice : 0;
        }
        return taken;
    }

    /** Whether more is bound to it than there is, or both partitions and shares are. */
    boolean overcommitted(int device) {
        boolean twice = (slices(device) & 0xFEFEFEFEFEFEFEFEL) != 0;
        return milli(device) < 0 || twice || (slices(device) != 0 && milli(device) != WHOLE);
    }
}
