package dev.interposer.engine.fleet;

import java.util.Arrays;

/**
 * Some of the nodes of a pool, with the most of each resource that any of them has free, so that the first one which
 * has enough of everything is found without asking every node that has not.
 *
 * <p>A tree over groups of eight places: an inner number is the greater of its two children. What one node has of one
 * resource and another of a second looks like room for both; such a group is asked in vain, which costs eight looks.
 */
final class RoomTree {
    private static final int GROUP_BITS = 3;

    private final Pool pool;
    private final Resources resources;
    private final Bits members = new Bits();
    /** By place in the tree and dimension, those of one place side by side. */
    private long[] most = new long[0];

    private int dimensions;
    private int groups;

    RoomTree(Pool pool, Resources resources) {
        this.pool = pool;
        this.resources = resources;
    }

    int size() {
        return members.size();
    }

    void add(int place) {
        members.set(place);
        changed(place);
    }

    void remove(int place) {
        members.clear(place);
        changed(place);
    }

    /** Resources of the node in a place changed. */
    void changed(int place) {
        int group = place >>> GROUP_BITS;
        if (group >= groups || dimensions < resources.count()) {
            grow(group);
        }
        for (int dimension = 0; dimension < dimensions; dimension++) {
            raise(dimension, groups + group, mostOfGroup(dimension, group));
        }
    }

    /** The first place at or above one whose node has enough, or −1. */
    int next(int from, WorkerRequest request) {
        if (request.asked() == 0) {
            return members.next(from);
        }
        if (groups == 0 || dimensions < resources.count()) {
            grow(groups);
        }
        int first = from;
        int group = nextGroup(from >>> GROUP_BITS, request);
        while (group >= 0) {
            int found = inGroup(Math.max(first, group << GROUP_BITS), group, request);
            if (found >= 0) {
                return found;
            }
            first = (group + 1) << GROUP_BITS;
            group = nextGroup(group + 1, request);
        }
        return -1;
    }

    private int inGroup(int first, int group, WorkerRequest request) {
        int end = (group + 1) << GROUP_BITS;
        for (int place = members.next(first); place >= 0 && place < end; place = members.next(place + 1)) {
            if (resources.suffice(request, pool.node(place))) {
                return place;
            }
        }
        return -1;
    }

    private int nextGroup(int from, WorkerRequest request) {
        if (from >= groups) {
            return -1;
        }
        int at = from == 0 ? 1 : groups + from;
        while (true) {
            if (mayHold(at, request)) {
                if (at >= groups) {
                    return at - groups;
                }
                at <<= 1;
            } else {
                while ((at & 1) == 1) {
                    if ((at & (at + 1)) == 0) {
                        return -1;
                    }
                    at >>= 1;
                }
                at++;
            }
        }
    }

    private boolean mayHold(int at, WorkerRequest request) {
        for (int index = 0; index < request.asked(); index++) {
            if (most[at * dimensions + request.askedDimension(index)] < request.askedAmount(index)) {
                return false;
            }
        }
        return true;
    }

    private long mostOfGroup(int dimension, int group) {
        long greatest = Long.MIN_VALUE;
        int bits = members.octet(group);
        while (bits != 0) {
            int place = (group << GROUP_BITS) + Integer.numberOfTrailingZeros(bits);
            greatest = Math.max(greatest, resources.free(dimension, pool.node(place)));
            bits &= bits - 1;
        }
        return greatest;
    }

    private void raise(int dimension, int leaf, long value) {
        int at = leaf;
        long now = value;
        while (most[at * dimensions + dimension] != now) {
            most[at * dimensions + dimension] = now;
            if (at == 1) {
                return;
            }
            now = Math.max(now, most[(at ^ 1) * dimensions + dimension]);
            at >>= 1;
        }
    }

    private void grow(int group) {
        groups = Math.max(8, Math.max(groups, Integer.highestOneBit(Math.max(1, group)) << 1));
        dimensions = resources.count();
        most = new long[2 * groups * dimensions];
        Arrays.fill(most, Long.MIN_VALUE);
        for (int dimension = 0; dimension < dimensions; dimension++) {
            for (int index = 0; index < groups; index++) {
                most[(groups + index) * dimensions + dimension] = mostOfGroup(dimension, index);
            }
            for (int at = groups - 1; at > 0; at--) {
                most[at * dimensions + dimension] =
                        Math.max(most[2 * at * dimensions + dimension], most[(2 * at + 1) * dimensions + dimension]);
            }
        }
    }
}
