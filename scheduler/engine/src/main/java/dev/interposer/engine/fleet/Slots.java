package dev.interposer.engine.fleet;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Slots of nodes: a freed slot is the next to be taken. */
final class Slots {
    private final Map<Long, Integer> byId = new HashMap<>();
    private long[] ids = new long[16];
    private int[] free = new int[16];
    private int freeCount;
    private int highest;

    int find(long id) {
        return byId.getOrDefault(id, -1);
    }

    long id(int slot) {
        return ids[slot];
    }

    /** One above the highest slot that was ever taken. */
    int highest() {
        return highest;
    }

    int capacity() {
        return ids.length;
    }

    int take(long id) {
        int slot = freeCount > 0 ? free[--freeCount] : highest++;
        if (slot >= ids.length) {
            ids = Arrays.copyOf(ids, ids.length * 2);
        }
        ids[slot] = id;
        byId.put(id, slot);
        return slot;
    }

    void give(long id) {
        Integer slot = byId.remove(id);
        if (slot == null) {
            throw new IllegalStateException("node " + id + " has no slot");
        }
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, freeCount * 2);
        }
        free[freeCount++] = slot;
        ids[slot] = 0;
    }
}
