package dev.interposer.engine.fleet;

import dev.interposer.engine.table.LongIntMap;
import java.util.Arrays;

/**
 * Slots of nodes by their ids. A later node has a higher slot, so that "lowest slot first" says the same on every
 * machine that has the same nodes; freed slots are closed up by {@link #compact}, which keeps the order.
 */
final class Slots {
    private final LongIntMap byId = new LongIntMap();
    private long[] ids = new long[16];
    private int highest;

    /** Slot of a node, or −1. */
    int find(long id) {
        return byId.find(id);
    }

    /** Id of the node in a slot; 0 for a slot that is free. */
    long id(int slot) {
        return ids[slot];
    }

    /** One above the highest slot that was taken. */
    int highest() {
        return highest;
    }

    int size() {
        return byId.size();
    }

    int capacity() {
        return ids.length;
    }

    /** Whether more slots are free below the highest than are taken. */
    boolean sparse() {
        return highest == ids.length && highest > 2 * byId.size();
    }

    int take(long id) {
        int slot = highest++;
        if (slot >= ids.length) {
            ids = Arrays.copyOf(ids, ids.length * 2);
        }
        ids[slot] = id;
        byId.put(id, slot);
        return slot;
    }

    void give(long id) {
        int slot = byId.remove(id);
        if (slot < 0) {
            throw new IllegalStateException("node " + id + " has no slot");
        }
        ids[slot] = 0;
    }

    /** Closes the gaps; the old slot of each new one, in order. */
    int[] compact() {
        int[] from = new int[byId.size()];
        int next = 0;
        for (int slot = 0; slot < highest; slot++) {
            if (ids[slot] != 0) {
                from[next] = slot;
                ids[next] = ids[slot];
                byId.put(ids[next], next);
                next++;
            }
        }
        Arrays.fill(ids, next, highest, 0);
        highest = next;
        return from;
    }
}
