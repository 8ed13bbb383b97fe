package dev.interposer.engine.sourcing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Values by 64-bit key without a boxed key: open addressing, at most half full. Iteration has no order that counts. */
final class LongTable<V> {
    private long[] keys = new long[16];
    private List<@Nullable V> values = empty(16);
    private int size;

    @Nullable
    V get(long key) {
        int slot = slot(key);
        return values.get(slot);
    }

    void put(long key, V value) {
        if (2 * (size + 1) > keys.length) {
            grow();
        }
        int slot = slot(key);
        if (values.get(slot) == null) {
            size++;
        }
        keys[slot] = key;
        values.set(slot, value);
    }

    /** The value that was there. */
    @Nullable
    V remove(long key) {
        int slot = slot(key);
        V removed = values.get(slot);
        if (removed != null) {
            size--;
            values.set(slot, null);
            close(slot);
        }
        return removed;
    }

    int size() {
        return size;
    }

    void clear() {
        keys = new long[16];
        values = empty(16);
        size = 0;
    }

    /** Moves what follows a gap and would no longer be found beyond it. */
    private void close(int from) {
        int mask = keys.length - 1;
        int gap = from;
        for (int slot = (gap + 1) & mask; values.get(slot) != null; slot = (slot + 1) & mask) {
            int home = home(keys[slot], mask);
            boolean reachable = gap <= slot ? gap < home && home <= slot : gap < home || home <= slot;
            if (!reachable) {
                keys[gap] = keys[slot];
                values.set(gap, values.get(slot));
                values.set(slot, null);
                gap = slot;
            }
        }
    }

    /** Where the key is, or where it belongs. */
    private int slot(long key) {
        int mask = keys.length - 1;
        int slot = home(key, mask);
        while (values.get(slot) != null && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private static int home(long key, int mask) {
        long mixed = key * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32) & mask;
    }

    private void grow() {
        long[] oldKeys = keys;
        List<@Nullable V> oldValues = values;
        keys = new long[oldKeys.length * 2];
        values = empty(keys.length);
        for (int slot = 0; slot < oldKeys.length; slot++) {
            V value = oldValues.get(slot);
            if (value != null) {
                int free = slot(oldKeys[slot]);
                keys[free] = oldKeys[slot];
                values.set(free, value);
            }
        }
    }

    private static <V> List<@Nullable V> empty(int length) {
        List<@Nullable V> list = new ArrayList<>(length);
        for (int index = 0; index < length; index++) {
            list.add(null);
        }
        return list;
    }
}
