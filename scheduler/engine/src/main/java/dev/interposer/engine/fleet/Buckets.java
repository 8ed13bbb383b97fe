package dev.interposer.engine.fleet;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * Schedulable nodes by class and number of free whole devices, and those with a partly taken device.
 *
 * <p>A node without a free device of a class is in no bucket of it, so a full fleet costs nothing to search.
 */
final class Buckets {
    private static final int WHOLE = 1000;
    private static final Bits NONE = new Bits();

    private Bits[][] byFree = new Bits[0][];
    private Bits[] partial = new Bits[0];
    private long[] freeTotal = new long[0];
    private int[][] freeOfNode = new int[0][];

    void ensureClass(int chipClass) {
        if (chipClass >= byFree.length) {
            int old = byFree.length;
            byFree = Arrays.copyOf(byFree, chipClass + 1);
            partial = Arrays.copyOf(partial, chipClass + 1);
            freeTotal = Arrays.copyOf(freeTotal, chipClass + 1);
            freeOfNode = Arrays.copyOf(freeOfNode, chipClass + 1);
            for (int added = old; added <= chipClass; added++) {
                byFree[added] = new Bits[0];
                partial[added] = new Bits();
                freeOfNode[added] = new int[0];
            }
        }
    }

    int next(int chipClass, int free, int from) {
        Bits[] ofClass = byFree[chipClass];
        return free < ofClass.length ? ofClass[free].next(from) : -1;
    }

    int nextPartial(int chipClass, int from) {
        return partial[chipClass].next(from);
    }

    int mostFree(int chipClass) {
        return byFree[chipClass].length - 1;
    }

    long freeTotal(int chipClass) {
        return freeTotal[chipClass];
    }

    void add(int node, int[] devices, IntUnaryOperator freeMilli, IntUnaryOperator classOf) {
        for (int device : devices) {
            int chipClass = classOf.applyAsInt(device);
            if (chipClass >= 0) {
                int free = freeMilli.applyAsInt(device);
                if (free == WHOLE) {
                    move(chipClass, node, freeOf(chipClass, node) + 1);
                } else if (free > 0) {
                    partial[chipClass].set(node);
                }
            }
        }
    }

    void removeNode(int node) {
        for (int chipClass = 0; chipClass < byFree.length; chipClass++) {
            if (freeOf(chipClass, node) > 0) {
                move(chipClass, node, 0);
            }
            partial[chipClass].clear(node);
        }
    }

    private int freeOf(int chipClass, int node) {
        return node < freeOfNode[chipClass].length ? freeOfNode[chipClass][node] : 0;
    }

    private void move(int chipClass, int node, int free) {
        int before = freeOf(chipClass, node);
        if (node >= freeOfNode[chipClass].length) {
            freeOfNode[chipClass] = Arrays.copyOf(freeOfNode[chipClass], Math.max(node + 1, node * 2));
        }
        if (before > 0) {
            byFree[chipClass][before].clear(node);
        }
        if (free > 0) {
            bucket(chipClass, free).set(node);
        }
        freeOfNode[chipClass][node] = free;
        freeTotal[chipClass] += free - before;
    }

    private Bits bucket(int chipClass, int free) {
        Bits[] ofClass = byFree[chipClass];
        if (free >= ofClass.length) {
            int old = ofClass.length;
            ofClass = Arrays.copyOf(ofClass, free + 1);
            Arrays.fill(ofClass, old, ofClass.length, NONE);
            byFree[chipClass] = ofClass;
        }
        if (ofClass[free] == NONE) {
            ofClass[free] = new Bits();
        }
        return ofClass[free];
    }
}
