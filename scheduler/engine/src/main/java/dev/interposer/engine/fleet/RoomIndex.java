package dev.interposer.engine.fleet;

import java.util.Arrays;

/**
 * Where there is room: for each class its nodes by what they have free, and the domains of its levels.
 *
 * <p>A node has an entry for each class of its devices, and one as a host of work without devices. After any change of
 * a node its entries are counted again, and what differs is carried to the pools and levels: one way for every kind of
 * change, at a cost that does not depend on the size of the fleet.
 */
final class RoomIndex {
    /** Stands for a class: nodes without devices. */
    static final int BARE = 0;
    /** Stands for a class: nodes with devices, as hosts of work that needs none. */
    static final int EQUIPPED = 1;

    /** What a node has for others. */
    enum Room {
        /** Nothing: it takes no new work. */
        CLOSED,
        /** Nothing for this search, but its devices are usable. */
        HIDDEN,
        /** What is free. */
        OPEN
    }

    private static final int[] NO_ENTRIES = new int[0];

    private final Resources resources;
    private final Domains domains;
    private final Devices devices;
    private ClassRooms[] rooms = new ClassRooms[0];
    private int[][] entriesOfNode = new int[0][];
    private int[] clusterOfNode = new int[0];
    private int nodes;

    private int[] classes = new int[64];
    private int[] places = new int[64];
    private int[] free = new int[64];
    private int[] usable = new int[64];
    private int[] busy = new int[64];
    private long[] kinds = new long[64];
    private int[] vacant = new int[64];
    private int vacantCount;
    private int highest;

    RoomIndex(Resources resources, Domains domains, Devices devices) {
        this.resources = resources;
        this.domains = domains;
        this.devices = devices;
    }

    void ensureClass(int chipClass) {
        if (chipClass >= rooms.length) {
            int old = rooms.length;
            rooms = Arrays.copyOf(rooms, chipClass + 1);
            for (int added = old; added <= chipClass; added++) {
                rooms[added] = new ClassRooms(resources);
            }
        }
    }

    ClassRooms of(int chipClass) {
        return rooms[chipClass];
    }

    // ---- nodes come, change and go

    /** A node's classes, each once; its entries are empty until {@link #refresh}. */
    void add(int node, int cluster, int[] ofDevices) {
        if (node >= entriesOfNode.length) {
            int old = entriesOfNode.length;
            entriesOfNode = Arrays.copyOf(entriesOfNode, Math.max(node + 1, old * 2));
            Arrays.fill(entriesOfNode, old, entriesOfNode.length, NO_ENTRIES);
            clusterOfNode = Arrays.copyOf(clusterOfNode, entriesOfNode.length);
        }
        nodes = Math.max(nodes, node + 1);
        clusterOfNode[node] = cluster;
        boolean whole = false;
        for (int device : ofDevices) {
            int chipClass = devices.classOf(device);
            if (chipClass >= 0 && entry(node, chipClass) < 0) {
                addEntry(node, chipClass);
            }
            whole |= chipClass >= 0 && rooms[chipClass].wholeLevel;
        }
        if (!whole) {
            addEntry(node, ofDevices.length == 0 ? BARE : EQUIPPED);
        }
    }

    /** Forgets a node; what it has is taken out of the pools and levels. */
    void remove(int node) {
        refresh(node, Room.CLOSED, NO_ENTRIES);
        for (int entry : entriesOfNode[node]) {
            if (vacantCount == vacant.length) {
                vacant = Arrays.copyOf(vacant, vacantCount * 2);
            }
            vacant[vacantCount++] = entry;
            rooms[classes[entry]].stale |=
                    rooms[classes[entry]].pool(clusterOfNode[node]).left();
        }
        entriesOfNode[node] = NO_ENTRIES;
    }

    /** Counts a node again and carries over what differs. */
    void refresh(int node, Room ofNode, int[] ofDevices) {
        for (int entry : entriesOfNode[node]) {
            int oldFree = free[entry];
            int oldUsable = usable[entry];
            int oldBusy = busy[entry];
            long oldKinds = kinds[entry];
            if (classes[entry] <= EQUIPPED) {
                free[entry] = ofNode == Room.OPEN ? 1 : 0;
            } else {
                count(entry, ofNode, ofDevices);
            }
            ClassRooms room = rooms[classes[entry]];
            room.free += free[entry] - oldFree;
            if (!room.stale) {
                Pool pool = room.pool(clusterOfNode[node]);
                pool.move(places[entry], oldFree, free[entry]);
                pool.moveKinds(places[entry], oldKinds, kinds[entry]);
            }
            int partial = (kinds[entry] == 0 ? 0 : 1) - (oldKinds == 0 ? 0 : 1);
            for (int key = 0; key < room.keys(); key++) {
                Level level = room.level(key);
                if (level != null && domains.is(key, level.version)) {
                    int domain = domains.of(key, node);
                    if (domain >= 0) {
                        Level wide = wide(room, level, key, domain);
                        wide.add(domain, free[entry] - oldFree, partial);
                        wide.addUsable(domain, usable[entry] - oldUsable);
                        wide.addBusy(domain, busy[entry] - oldBusy);
                    }
                }
            }
        }
    }

    /** Slots were renumbered: {@code from} has the old one of each. */
    void renumber(int[] from) {
        for (int slot = 0; slot < from.length; slot++) {
            entriesOfNode[slot] = entriesOfNode[from[slot]];
            clusterOfNode[slot] = clusterOfNode[from[slot]];
        }
        Arrays.fill(entriesOfNode, from.length, entriesOfNode.length, NO_ENTRIES);
        nodes = from.length;
        for (ClassRooms room : rooms) {
            room.stale = true;
        }
    }

    private void count(int entry, Room room, int[] ofDevices) {
        int nowFree = 0;
        int nowUsable = 0;
        int nowBusy = 0;
        long nowKinds = 0;
        for (int device : ofDevices) {
            if (devices.classOf(device) == classes[entry]) {
                boolean idle = devices.idle(device);
                nowBusy += idle ? 0 : 1;
                if (room != Room.CLOSED && devices.usable(device)) {
                    nowUsable++;
                    nowFree += idle ? 1 : 0;
                    nowKinds |= idle ? 0 : kindsOf(device);
                }
            }
        }
        free[entry] = room == Room.OPEN ? nowFree : 0;
        usable[entry] = nowUsable;
        busy[entry] = nowBusy;
        kinds[entry] = room == Room.OPEN ? nowKinds : 0;
    }

    private long kindsOf(int device) {
        if (devices.split(device)) {
            Partitions partitions = rooms[devices.classOf(device)].partitions;
            return partitions.fitting(devices.takenSlices(device)) << Pool.SHARE_KINDS;
        }
        int milli = devices.freeMilli(device);
        return milli > 0 ? 1L << (milli / Pool.SHARE_STEP_MILLI) : 0;
    }

    private void addEntry(int node, int chipClass) {
        int entry = vacantCount > 0 ? vacant[--vacantCount] : highest++;
        if (entry >= classes.length) {
            int size = classes.length * 2;
            classes = Arrays.copyOf(classes, size);
            places = Arrays.copyOf(places, size);
            free = Arrays.copyOf(free, size);
            usable = Arrays.copyOf(usable, size);
            busy = Arrays.copyOf(busy, size);
            kinds = Arrays.copyOf(kinds, size);
        }
        classes[entry] = chipClass;
        free[entry] = 0;
        usable[entry] = 0;
        busy[entry] = 0;
        kinds[entry] = 0;
        int[] before = entriesOfNode[node];
        entriesOfNode[node] = Arrays.copyOf(before, before.length + 1);
        entriesOfNode[node][before.length] = entry;
        ClassRooms room = rooms[chipClass];
        if (!room.stale) {
            Pool pool = room.pool(clusterOfNode[node]);
            if (pool.precedes(node)) {
                places[entry] = pool.append(node);
            } else {
                room.stale = true;
            }
        }
    }

    // ---- what is there

    /** Entry of a node for a class, or −1. */
    int entry(int node, int chipClass) {
        for (int entry : entriesOfNode[node]) {
            if (classes[entry] == chipClass) {
                return entry;
            }
        }
        return -1;
    }

    /** How many entries a node has. */
    int entries(int node) {
        return entriesOfNode[node].length;
    }

    int entryAt(int node, int at) {
        return entriesOfNode[node][at];
    }

    /** Class of one of them. */
    int classOf(int node, int at) {
        return classes[entriesOfNode[node][at]];
    }

    int free(int entry) {
        return free[entry];
    }

    long kinds(int entry) {
        return kinds[entry];
    }

    /** The nodes of a class in one cluster, that of a node. */
    Pool poolOf(int chipClass, int node) {
        ClassRooms room = rooms[chipClass];
        if (room.stale) {
            fill(chipClass, room);
        }
        return room.pool(clusterOfNode[node]);
    }

    Level level(int chipClass, int key) {
        ClassRooms room = rooms[chipClass];
        Level level = room.level(key);
        if (level != null && domains.is(key, level.version)) {
            return level;
        }
        Level made = new Level(domains.version(key), domains.count(key));
        for (int node = 0; node < nodes; node++) {
            int entry = entry(node, chipClass);
            int domain = entry < 0 ? -1 : domains.of(key, node);
            if (domain >= 0) {
                made.add(domain, free[entry], kinds[entry] == 0 ? 0 : 1);
                made.addUsable(domain, usable[entry]);
                made.addBusy(domain, busy[entry]);
            }
        }
        room.setLevel(key, made);
        return made;
    }

    private static Level wide(ClassRooms room, Level level, int key, int domain) {
        if (domain < level.domains()) {
            return level;
        }
        Level grown = level.grown(domain + 1);
        room.setLevel(key, grown);
        return grown;
    }

    private void fill(int chipClass, ClassRooms room) {
        room.dropPools();
        for (int node = 0; node < nodes; node++) {
            int entry = entry(node, chipClass);
            if (entry >= 0) {
                Pool pool = room.pool(clusterOfNode[node]);
                places[entry] = pool.append(node);
                pool.move(places[entry], 0, free[entry]);
                pool.moveKinds(places[entry], 0, kinds[entry]);
            }
        }
        room.stale = false;
    }
}
