package dev.interposer.engine.fleet;

import java.util.Arrays;

/** Free amounts of the resources other than devices, by dimension and node. Below zero where more is bound than is. */
final class Resources {
    private final Interner names = new Interner();
    private long[][] free = new long[0][];

    /** Number of a resource, made on first use; a new one has nothing free anywhere. */
    int number(String resource, int nodes) {
        int number = names.intern(resource);
        if (number >= free.length) {
            free = Arrays.copyOf(free, number + 1);
            free[number] = new long[nodes];
        }
        return number;
    }

    String name(int dimension) {
        return names.name(dimension);
    }

    int count() {
        return free.length;
    }

    void ensureNodes(int nodes) {
        for (int dimension = 0; dimension < free.length; dimension++) {
            if (free[dimension].length < nodes) {
                free[dimension] = Arrays.copyOf(free[dimension], nodes);
            }
        }
    }

    long free(int dimension, int node) {
        return free[dimension][node];
    }

    void set(int dimension, int node, long amount) {
        free[dimension][node] = amount;
    }

    /** Adds what a request asks for, {@code sign} times. */
    void add(WorkerRequest request, int node, int sign) {
        for (int index = 0; index < request.asked(); index++) {
            free[request.askedDimension(index)][node] += sign * request.askedAmount(index);
        }
    }

    boolean suffice(WorkerRequest request, int node) {
        for (int index = 0; index < request.asked(); index++) {
            if (free[request.askedDimension(index)][node] < request.askedAmount(index)) {
                return false;
            }
        }
        return true;
    }

    /** Whether more is bound of a resource that the request asks for than there is. */
    boolean overcommitted(WorkerRequest request, int node) {
        for (int index = 0; index < request.asked(); index++) {
            if (free[request.askedDimension(index)][node] < 0) {
                return true;
            }
        }
        return false;
    }

    /** Slots were renumbered: {@code from} has the old one of each. */
    void renumber(int[] from) {
        for (long[] amounts : free) {
            for (int slot = 0; slot < from.length; slot++) {
                amounts[slot] = amounts[from[slot]];
            }
        }
    }
}
