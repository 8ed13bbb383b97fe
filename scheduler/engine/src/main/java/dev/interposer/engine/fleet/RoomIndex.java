package dev.interposer.engine.fleet;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

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

    private static final NodeEntry[] NO_ENTRIES = new NodeEntry[0];
    private static final int[] NO_DEVICES = new int[0];

    private final Resources resources;
    private final Domains domains;
    private final Devices devices;
    private ClassRooms[] rooms = new ClassRooms[0];
    private NodeEntry[][] entriesOfNode = new NodeEntry[0][];
    private int[] clusterOfNode = new int[0];
    private int nodes;

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
            if (chipClass >= 0 && entry(node, chipClass) == null) {
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
        refresh(node, Room.CLOSED, NO_DEVICES);
        for (NodeEntry entry : entriesOfNode[node]) {
            rooms[entry.chipClass].stale |=
                    rooms[entry.chipClass].pool(clusterOfNode[node]).left();
        }
        entriesOfNode[node] = NO_ENTRIES;
    }

    /** Counts a node again and carries over what differs. */
    void refresh(int node, Room ofNode, int[] ofDevices) {
        for (NodeEntry entry : entriesOfNode[node]) {
            int free = entry.free;
            int usable = entry.usable;
            int busy = entry.busy;
            int partial = entry.partial();
            long kinds = entry.kinds;
            if (entry.chipClass <= EQUIPPED) {
                entry.free = ofNode == Room.OPEN ? 1 : 0;
            } else {
                count(entry, ofNode, ofDevices);
            }
            ClassRooms room = rooms[entry.chipClass];
            room.free += entry.free - free;
            if (!room.stale) {
                // Also where these are as before: other resources of the node may not be.
                Pool pool = room.pool(clusterOfNode[node]);
                pool.move(entry.place, free, entry.free);
                pool.moveKinds(entry.place, kinds, entry.kinds);
            }
            if (entry.free == free && entry.partial() == partial && entry.usable == usable && entry.busy == busy) {
                continue;
            }
            for (int key = 0; key < room.keys(); key++) {
                Level level = room.level(key);
                int domain = level != null && domains.is(key, level.version) ? domains.of(key, node) : -1;
                if (level != null && domain >= 0) {
                    Level wide = wide(room, level, key, domain);
                    wide.add(domain, entry.free - free, entry.partial() - partial);
                    wide.addUsable(domain, entry.usable - usable);
                    wide.addBusy(domain, entry.busy - busy);
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

    private void count(NodeEntry entry, Room room, int[] ofDevices) {
        int nowFree = 0;
        int nowUsable = 0;
        int nowBusy = 0;
        long nowKinds = 0;
        for (int device : ofDevices) {
            if (devices.classOf(device) == entry.chipClass) {
                boolean idle = devices.idle(device);
                nowBusy += idle ? 0 : 1;
                if (room != Room.CLOSED && devices.usable(device)) {
                    nowUsable++;
                    nowFree += idle ? 1 : 0;
                    nowKinds |= idle ? 0 : kindsOf(device);
                }
            }
        }
        entry.free = room == Room.OPEN ? nowFree : 0;
        entry.usable = nowUsable;
        entry.busy = nowBusy;
        entry.kinds = room == Room.OPEN ? nowKinds : 0;
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
        NodeEntry entry = new NodeEntry(chipClass);
        NodeEntry[] before = entriesOfNode[node];
        entriesOfNode[node] = Arrays.copyOf(before, before.length + 1);
        entriesOfNode[node][before.length] = entry;
        ClassRooms room = rooms[chipClass];
        if (!room.stale) {
            Pool pool = room.pool(clusterOfNode[node]);
            if (pool.precedes(node)) {
                entry.place = pool.append(node);
            } else {
                room.stale = true;
            }
        }
    }

    // ---- what is there

    /** Entry of a node for a class, or null. */
    @Nullable
    NodeEntry entry(int node, int chipClass) {
        for (NodeEntry entry : entriesOfNode[node]) {
            if (entry.chipClass == chipClass) {
                return entry;
            }
        }
        return null;
    }

    /** How many entries a node has. */
    int entries(int node) {
        return entriesOfNode[node].length;
    }

    NodeEntry entryAt(int node, int at) {
        return entriesOfNode[node][at];
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
            NodeEntry entry = entry(node, chipClass);
            int domain = entry == null ? -1 : domains.of(key, node);
            if (entry != null && domain >= 0) {
                made.add(domain, entry.free, entry.partial());
                made.addUsable(domain, entry.usable);
                made.addBusy(domain, entry.busy);
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
            NodeEntry entry = entry(node, chipClass);
            if (entry != null) {
                Pool pool = room.pool(clusterOfNode[node]);
                entry.place = pool.append(node);
                pool.move(entry.place, 0, entry.free);
                pool.moveKinds(entry.place, 0, entry.kinds);
            }
        }
        room.stale = false;
    }
}
