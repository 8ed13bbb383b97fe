package dev.interposer.engine.order;

import java.util.Arrays;

/** Nodes on which something was given back and somebody may still find room, each once. */
final class Releases {
    /** Where more are asked for, all that waits is tried again instead. */
    private static final int MOST = 64;

    private long[] nodes = new long[8];
    private long[] when = new long[8];
    private boolean[] hidden = new boolean[8];
    private int size;

    int size() {
        return size;
    }

    /** Id of the node. */
    long node(int index) {
        return nodes[index];
    }

    /** When something was given back there last, by a count of releases. */
    long when(int index) {
        return when[index];
    }

    /** Whether what was given back there is kept for somebody, so that it does not show as free. */
    boolean hidden(int index) {
        return hidden[index];
    }

    /** @return false if there are too many */
    boolean add(long node, long now, boolean kept) {
        int index = 0;
        while (index < size && nodes[index] != node) {
            index++;
        }
        if (index == MOST) {
            return false;
        }
        if (index == size) {
            grow();
            nodes[size] = node;
            hidden[size++] = false;
        }
        when[index] = now;
        hidden[index] |= kept;
        return true;
    }

    /** The last takes its place. */
    void remove(int index) {
        size--;
        nodes[index] = nodes[size];
        when[index] = when[size];
        hidden[index] = hidden[size];
    }

    void clear() {
        size = 0;
    }

    private void grow() {
        if (size == nodes.length) {
            nodes = Arrays.copyOf(nodes, size * 2);
            when = Arrays.copyOf(when, size * 2);
            hidden = Arrays.copyOf(hidden, size * 2);
        }
    }
}
