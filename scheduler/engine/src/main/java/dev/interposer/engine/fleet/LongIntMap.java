package dev.interposer.engine.fleet;

import java.util.Arrays;

/** Ids, none of them 0, to numbers that are not negative; without an object for each. */
final class LongIntMap {
    private long[] keys = new long[32];
    private int[] values = new int[32];
    private int size;

    int size() {
        return size;
    }

    /** The number of an id, or −1. */
    int find(long key) {
        int at = place(key);
        return keys[at] == key ? values[at] : -1;
    }

    void put(long key, int value) {
        int at = place(key);
        if (keys[at] != key) {
            if (++size * 2 > keys.length) {
                grow();
                at = place(key);
            }
            keys[at] = key;
        }
        values[at] = value;
    }

    /** The number that the id had, or −1. */
    int remove(long key) {
        int at = place(key);
        if (keys[at] != key) {
            return -1;
        }
        int value = values[at];
        int mask = keys.length - 1;
        int hole = at;
        for (int next = (at + 1) & mask; keys[next] != 0; next = (next + 1) & mask) {
            int home = home(keys[next]);
            // What would not be found past the hole moves into it.
            if (((next - home) & mask) >= ((next - hole) & mask)) {
                keys[hole] = keys[next];
                values[hole] = values[next];
                hole = next;
            }
        }
        keys[hole] = 0;
        size--;
        return value;
    }

    /** Where the id is, or where it would go. */
    private int place(long key) {
        int mask = keys.length - 1;
        int at = home(key);
        while (keys[at] != 0 && keys[at] != key) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private int home(long key) {
        return (int) ((key * 0x9E3779B97F4A7C15L) >>> 33) & (keys.length - 1);
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldValues = values;
        keys = new long[oldKeys.length * 2];
        values = Arrays.copyOf(values, keys.length);
        for (int index = 0; index < oldKeys.length; index++) {
            if (oldKeys[index] != 0) {
                int at = place(oldKeys[index]);
                keys[at] = oldKeys[index];
                values[at] = oldValues[index];
            }
        }
    }
}
