package dev.interposer.engine.fleet;

import java.util.Arrays;

/**
 * The nodes of one cluster that have devices of one class, in the order of their slots, in buckets: by the number of
 * free whole devices, and by what partly taken devices can still hold (a <em>kind</em>: a step of a share, or a
 * partition). A node without room is in no bucket, so a full fleet costs nothing to search.
 */
final class Pool {
    /** Steps in which shares are told apart: a device with 120 thousandths free is in step 2 of 50. */
    static final int SHARE_STEP_MILLI = 50;

    static final int SHARE_KINDS = Devices.WHOLE / SHARE_STEP_MILLI;
    static final int MOST_KINDS = Long.SIZE;

    private final Resources resources;
    private final RoomTree[] byKind = new RoomTree[MOST_KINDS];
    private RoomTree[] byFree = new RoomTree[0];
    private int[] nodes = new int[8];
    private int places;
    private int gone;

    Pool(Resources resources) {
        this.resources = resources;
    }

    int node(int place) {
        return nodes[place];
    }

    /** Whether a node may be added at the end: it has a higher slot than all that are here. */
    boolean precedes(int node) {
        return places == 0 || nodes[places - 1] < node;
    }

    /** The place of a new node. */
    int append(int node) {
        if (places == nodes.length) {
            nodes = Arrays.copyOf(nodes, places * 2);
        }
        nodes[places] = node;
        return places++;
    }

    /** A node went; whether so many have gone that the pool is better made anew. */
    boolean left() {
        return ++gone * 2 > places + 64;
    }

    /** Moves a node from its old buckets to its new ones. */
    void move(int place, int freeBefore, int free) {
        if (freeBefore == free) {
            if (free > 0) {
                byFree[free].changed(place);
            }
            return;
        }
        if (freeBefore > 0) {
            byFree[freeBefore].remove(place);
        }
        if (free > 0) {
            if (free >= byFree.length) {
                byFree = Arrays.copyOf(byFree, free + 1);
            }
            if (byFree[free] == null) {
                byFree[free] = new RoomTree(this, resources);
            }
            byFree[free].add(place);
        }
    }

    /** The same for the kinds, as bits. */
    void moveKinds(int place, long before, long now) {
        for (long kinds = before | now; kinds != 0; kinds &= kinds - 1) {
            int kind = Long.numberOfTrailingZeros(kinds);
            long bit = 1L << kind;
            if ((now & bit) == 0) {
                byKind[kind].remove(place);
            } else if ((before & bit) == 0) {
                if (byKind[kind] == null) {
                    byKind[kind] = new RoomTree(this, resources);
                }
                byKind[kind].add(place);
            } else {
                byKind[kind].changed(place);
            }
        }
    }

    /** The fewest free whole devices, at least so many, that some node has; or −1. */
    int fewestFree(int least) {
        for (int free = least; free < byFree.length; free++) {
            if (byFree[free] != null && byFree[free].size() > 0) {
                return free;
            }
        }
        return -1;
    }

    /** The first place at or above one that has exactly so many free devices and the resources, or −1. */
    int nextWithFree(int free, int from, WorkerRequest request) {
        return free < byFree.length && byFree[free] != null ? byFree[free].next(from, request) : -1;
    }

    /** The first place at or above one that has room of a kind and the resources, or −1. */
    int nextOfKind(int kind, int from, WorkerRequest request) {
        return byKind[kind] == null ? -1 : byKind[kind].next(from, request);
    }
}
