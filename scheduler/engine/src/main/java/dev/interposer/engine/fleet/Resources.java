package dev.interposer.engine.fleet;

import java.util.Arrays;

/**
 * Free amounts of the resources other than devices. Below zero where more is bound than is. Those of one node lie side
 * by side: whoever looks at one looks at the others too.
 */
final class Resources {
    private final Interner names = new Interner();
    private long[] free = new long[0];
    /** What is there, whether it is free or not; in the same places. */
    private long[] capacity = new long[0];

    /** How many resources there are. */
    private int count;

    private int nodes;

    /** Number of a resource, made on first use; a new one has nothing free anywhere. */
    int number(String resource) {
        int number = names.intern(resource);
        if (number == count) {
            free = widened(free);
            capacity = widened(capacity);
            count++;
        }
        return number;
    }

    private long[] widened(long[] amounts) {
        long[] wide = new long[nodes * (count + 1)];
        for (int node = 0; node < nodes; node++) {
            System.arraycopy(amounts, node * count, wide, node * (count + 1), count);
        }
        return wide;
    }

    String name(int dimension) {
        return names.name(dimension);
    }

    int count() {
        return count;
    }

    void ensureNodes(int most) {
        if (nodes < most) {
            nodes = most;
            free = Arrays.copyOf(free, nodes * count);
            capacity = Arrays.copyOf(capacity, nodes * count);
        }
    }

    long free(int dimension, int node) {
        return free[node * count + dimension];
    }

    long capacity(int dimension, int node) {
        return capacity[node * count + dimension];
    }

    /** What a node has; all of it is free. */
    void set(int dimension, int node, long amount) {
        free[node * count + dimension] = amount;
        capacity[node * count + dimension] = amount;
    }

    /** Adds what a request asks for, {@code sign} times. */
    void add(WorkerRequest request, int node, int sign) {
        int first = node * count;
        for (int index = 0; index < request.asked(); index++) {
            free[first + request.askedDimension(index)] += sign * request.askedAmount(index);
        }
    }

    boolean suffice(WorkerRequest request, int node) {
        int first = node * count;
        for (int index = 0; index < request.asked(); index++) {
            if (free[first + request.askedDimension(index)] < request.askedAmount(index)) {
                return false;
            }
        }
        return true;
    }

    /** Whether more is bound of a resource that the request asks for than there is. */
    boolean overcommitted(WorkerRequest request, int node) {
        for (int index = 0; index < request.asked(); index++) {
            if (free(request.askedDimension(index), node) < 0) {
                return true;
            }
        }
        return false;
    }

    /** Slots were renumbered: {@code from} has the old one of each. */
    void renumber(int[] from) {
        for (int slot = 0; slot < from.length; slot++) {
            System.arraycopy(free, from[slot] * count, free, slot * count, count);
            System.arraycopy(capacity, from[slot] * count, capacity, slot * count, count);
        }
    }
}
