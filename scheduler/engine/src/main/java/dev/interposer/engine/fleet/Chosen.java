package dev.interposer.engine.fleet;

import java.util.Arrays;

/** Devices of one node that a policy chose for one worker; used again for each worker. */
public final class Chosen {
    private int[] indexes = new int[8];
    private int size;
    private int start;

    public void clear() {
        size = 0;
        start = 0;
    }

    /** Adds the n-th device of the node. */
    public void add(int index) {
        if (size == indexes.length) {
            indexes = Arrays.copyOf(indexes, size * 2);
        }
        indexes[size++] = index;
    }

    /** The first slice of a partition that the worker takes. */
    public void startAt(int slice) {
        start = slice;
    }

    public int size() {
        return size;
    }

    /** Place of the n-th chosen device on its node. */
    public int get(int index) {
        return indexes[index];
    }

    public int start() {
        return start;
    }
}
