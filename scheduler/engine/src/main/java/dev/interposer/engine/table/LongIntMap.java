package dev.interposer.engine.table;

/** Ids, none of them 0, to numbers that are not negative; without an object for each. */
public final class LongIntMap {
    /** An id and its number beside each other: one look into memory finds both. */
    private long[] table = new long[64];

    private int size;

    public int size() {
        return size;
    }

    /** The number of an id, or −1. */
    public int find(long key) {
        int at = place(key);
        return table[at] == key ? (int) table[at + 1] : -1;
    }

    public void put(long key, int value) {
        int at = place(key);
        if (table[at] != key) {
            if (++size * 3 > table.length) {
                grow();
                at = place(key);
            }
            table[at] = key;
        }
        table[at + 1] = value;
    }

    /** The number that the id had, or −1. */
    public int remove(long key) {
        int hole = place(key);
        if (table[hole] != key) {
            return -1;
        }
        int value = (int) table[hole + 1];
        int mask = table.length - 1;
        for (int next = (hole + 2) & mask; table[next] != 0; next = (next + 2) & mask) {
            int home = home(table[next]);
            // What would not be found past the hole moves into it.
            if (((next - home) & mask) >= ((next - hole) & mask)) {
                table[hole] = table[next];
                table[hole + 1] = table[next + 1];
                hole = next;
            }
        }
        table[hole] = 0;
        size--;
        return value;
    }

    /** Where the id is, or where it would go. */
    private int place(long key) {
        int mask = table.length - 1;
        int at = home(key);
        while (table[at] != 0 && table[at] != key) {
            at = (at + 2) & mask;
        }
        return at;
    }

    private int home(long key) {
        return ((int) ((key * 0x9E3779B97F4A7C15L) >>> 33) << 1) & (table.length - 1);
    }

    private void grow() {
        long[] old = table;
        table = new long[old.length * 2];
        for (int index = 0; index < old.length; index += 2) {
            if (old[index] != 0) {
                int at = place(old[index]);
                table[at] = old[index];
                table[at + 1] = old[index + 1];
            }
        }
    }
}
