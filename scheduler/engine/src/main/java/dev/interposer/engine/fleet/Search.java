package dev.interposer.engine.fleet;

import java.util.function.IntConsumer;

/**
 * Where there is room for one worker, and which domains have some.
 *
 * <p>What is asked of a whole cluster is found in the index, at a cost that hardly grows with the number of nodes; what
 * is asked of a smaller domain, by a look at each node in it. Among equal nodes the one with the lowest slot is found.
 */
public final class Search {
    /** A larger domain is searched like a cluster, and what lies outside of it is passed over. */
    private static final int MOST_LOOKS = 512;

    private final Fleet fleet;
    private final RoomIndex index;
    private final Domains domains;
    private final Resources resources;
    private final Devices devices;

    Search(Fleet fleet, RoomIndex index, Domains domains, Resources resources, Devices devices) {
        this.fleet = fleet;
        this.index = index;
        this.domains = domains;
        this.resources = resources;
        this.devices = devices;
    }

    // ---- domains

    /**
     * The domains of a level with room, by their free whole devices of a class, the fewest first. A domain without
     * any is among them if it has a partly taken device.
     *
     * @param least free whole devices that a domain must have
     * @param after what the last call gave; −1 for the first
     * @return a cursor whose lower half is the domain's number, or −1 at the end
     */
    public long nextDomain(int chipClass, int key, int least, long after) {
        return index.level(chipClass, key).next(least, after);
    }

    /** Free whole devices of a class in a domain. */
    public int free(int chipClass, int key, int domain) {
        return index.level(chipClass, key).free(domain);
    }

    /** Devices of a class in a domain that may take new work, now or when what they have ends. */
    public int usable(int chipClass, int key, int domain) {
        return index.level(chipClass, key).usable(domain);
    }

    /** Devices of a class in a domain to which something is bound, those included that take no new work. */
    public int busy(int chipClass, int key, int domain) {
        return index.level(chipClass, key).busy(domain);
    }

    /** A larger level's domain in which a domain lies, or −1. */
    public int parent(int key, int domain, int largerKey) {
        return domains.members(key, domain) == 0 ? -1 : domains.of(largerKey, domains.member(key, domain, 0));
    }

    // ---- nodes

    /** Whether a worker would find room on one node, on devices of a class that serves it; not which. */
    public boolean hasRoom(WorkerRequest request, int node) {
        return hasDevices(request, node) && resources.suffice(request, node);
    }

    private boolean hasDevices(WorkerRequest request, int node) {
        if (request.devices() == 0) {
            boolean host = index.entry(node, RoomIndex.BARE) != null || index.entry(node, RoomIndex.EQUIPPED) != null;
            return host && fleet.isSchedulable(node);
        }
        for (int at = 0; at < request.classCount(); at++) {
            NodeEntry entry = index.entry(node, request.classAt(at));
            if (entry != null && hasRoom(request, node, entry)) {
                return true;
            }
        }
        NodeEntry split = request.splitClass() < 0 ? null : index.entry(node, request.splitClass());
        return split != null && split.free >= request.devices();
    }

    private boolean hasRoom(WorkerRequest request, int node, NodeEntry entry) {
        if (request.partitioned()) {
            return (entry.free > 0 && splits(request, entry.chipClass))
                    || (entry.kinds != 0 && bestSplit(request, entry.chipClass, node) >= 0);
        }
        return entry.free >= request.devices()
                || (request.shared() && entry.kinds != 0 && bestShared(request, entry.chipClass, node) >= 0);
    }

    /** How many kinds of node a node is: one with devices of some class, one that hosts work without. */
    public int kindsOf(int node) {
        return index.entries(node);
    }

    public int kindOf(int node, int at) {
        return index.entryAt(node, at).chipClass;
    }

    /** Free whole devices of that kind; 1 for a host of work without devices. */
    public int freeOf(int node, int at) {
        return index.entryAt(node, at).free;
    }

    /** Whether anything of that kind may be free there or, where levels are taken whole, beside it. */
    public boolean hasAny(int node, int at) {
        NodeEntry entry = index.entryAt(node, at);
        return entry.hasAny() || index.of(entry.chipClass).wholeLevel;
    }

    /** Calls for each kind of node that may have room for a worker. */
    public static void forEachKind(WorkerRequest request, IntConsumer action) {
        if (request.devices() == 0) {
            action.accept(RoomIndex.BARE);
            action.accept(RoomIndex.EQUIPPED);
            return;
        }
        for (int at = 0; at < request.classCount(); at++) {
            action.accept(request.classAt(at));
        }
        if (request.splitClass() >= 0) {
            action.accept(request.splitClass());
        }
    }

    /** The node with the fewest free whole devices of a class that suffice, and the resources; or −1. */
    public int tightest(WorkerRequest request, int chipClass, int key, int domain) {
        return fewest(request, chipClass, key, domain, request.devices());
    }

    /** A node with a device of a class that is partly taken and has the room that suits best; or −1. */
    public int withPart(WorkerRequest request, int chipClass, int key, int domain) {
        int firstKind = firstKind(request, chipClass);
        if (firstKind < 0 || domains.members(key, domain) == 0) {
            return -1;
        }
        int lastKind = request.partitioned() ? firstKind : Pool.SHARE_KINDS - 1;
        boolean small = key != fleet.clusterKey() && domains.members(key, domain) <= MOST_LOOKS;
        return small
                ? lookForPart(request, chipClass, key, domain)
                : findPart(request, new Kinds(chipClass, firstKind, lastKind), key, domain);
    }

    /** A node that is one of a partition already: a device that its agent split; or −1. */
    public int withSplit(WorkerRequest request, int key, int domain) {
        return request.splitClass() < 0 ? -1 : fewest(request, request.splitClass(), key, domain, request.devices());
    }

    /** A node for work without devices: one that has none before one that has; or −1. */
    public int host(WorkerRequest request, int key, int domain) {
        int bare = fewest(request, RoomIndex.BARE, key, domain, 1);
        return bare >= 0 ? bare : fewest(request, RoomIndex.EQUIPPED, key, domain, 1);
    }

    // ---- devices of a node

    /** Adds the first idle devices of a class, if there are enough. */
    public boolean chooseWhole(WorkerRequest request, int chipClass, int node, Chosen chosen) {
        chosen.clear();
        for (int number = 0; number < fleet.deviceCount(node) && chosen.size() < request.devices(); number++) {
            int device = fleet.device(node, number);
            if (devices.classOf(device) == chipClass && devices.usable(device) && devices.idle(device)) {
                chosen.add(number);
            }
        }
        return chosen.size() == request.devices();
    }

    /** Adds a device that is such a partition already. */
    public boolean chooseSplit(WorkerRequest request, int node, Chosen chosen) {
        return request.splitClass() >= 0 && chooseWhole(request, request.splitClass(), node, chosen);
    }

    /** Adds the device that is partly taken and has the least room that suffices. */
    public boolean choosePart(WorkerRequest request, int chipClass, int node, Chosen chosen) {
        chosen.clear();
        int best = request.partitioned() ? bestSplit(request, chipClass, node) : bestShared(request, chipClass, node);
        if (best < 0) {
            return false;
        }
        chosen.add(best);
        if (request.partitioned()) {
            startAt(request, chipClass, fleet.device(node, best), chosen);
        }
        return true;
    }

    /** Adds an idle device to be shared or split. */
    public boolean chooseFresh(WorkerRequest request, int chipClass, int node, Chosen chosen) {
        if (!chooseWhole(request, chipClass, node, chosen)) {
            return false;
        }
        return !request.partitioned() || startAt(request, chipClass, fleet.device(node, chosen.get(0)), chosen);
    }

    /** Whether an idle device of a class can be split that way. */
    public boolean splits(WorkerRequest request, int chipClass) {
        return index.of(chipClass).partitions.find(request.partition()) >= 0;
    }

    /** How many of such partitions a node has room for: on devices of a class, and as devices of their own. */
    public int parts(WorkerRequest request, int chipClass, int node) {
        Partitions partitions = index.of(chipClass).partitions;
        int profile = partitions.find(request.partition());
        int parts = request.splitClass() < 0 ? 0 : fleet.freeWhole(request.splitClass(), node);
        for (int number = 0; profile >= 0 && number < fleet.deviceCount(node); number++) {
            int device = fleet.device(node, number);
            if (devices.classOf(device) == chipClass && devices.usable(device)) {
                parts += partitions.fit(profile, devices.takenSlices(device));
            }
        }
        return parts;
    }

    private boolean startAt(WorkerRequest request, int chipClass, int device, Chosen chosen) {
        Partitions partitions = index.of(chipClass).partitions;
        int profile = partitions.find(request.partition());
        int start = profile < 0 ? -1 : partitions.bestStart(profile, devices.takenSlices(device));
        chosen.startAt(Math.max(0, start));
        return start >= 0;
    }

    private int bestShared(WorkerRequest request, int chipClass, int node) {
        int best = -1;
        int bestMilli = Devices.WHOLE;
        for (int number = 0; number < fleet.deviceCount(node); number++) {
            int device = fleet.device(node, number);
            int milli = devices.freeMilli(device);
            if (milli >= request.shareMilli()
                    && milli < bestMilli
                    && devices.usable(device)
                    && devices.classOf(device) == chipClass) {
                best = number;
                bestMilli = milli;
            }
        }
        return best;
    }

    private int bestSplit(WorkerRequest request, int chipClass, int node) {
        Partitions partitions = index.of(chipClass).partitions;
        int profile = partitions.find(request.partition());
        if (profile < 0) {
            return -1;
        }
        int best = -1;
        int bestRoom = Integer.MAX_VALUE;
        for (int number = 0; number < fleet.deviceCount(node); number++) {
            int device = fleet.device(node, number);
            if (devices.split(device) && devices.usable(device) && devices.classOf(device) == chipClass) {
                int taken = devices.takenSlices(device);
                if (partitions.bestStart(profile, taken) >= 0 && partitions.room(taken) < bestRoom) {
                    best = number;
                    bestRoom = partitions.room(taken);
                }
            }
        }
        return best;
    }

    // ---- the search itself

    private int fewest(WorkerRequest request, int chipClass, int key, int domain, int least) {
        int members = domains.members(key, domain);
        if (members == 0) {
            return -1;
        }
        boolean cluster = key == fleet.clusterKey();
        if (!cluster && members <= MOST_LOOKS) {
            return look(request, chipClass, key, domain, least);
        }
        Pool pool = index.poolOf(chipClass, domains.member(key, domain, 0));
        for (int free = pool.fewestFree(least); free >= 0; free = pool.fewestFree(free + 1)) {
            int place = pool.nextWithFree(free, 0, request);
            while (place >= 0 && !cluster && domains.of(key, pool.node(place)) != domain) {
                place = pool.nextWithFree(free, place + 1, request);
            }
            if (place >= 0) {
                return pool.node(place);
            }
        }
        return -1;
    }

    private int look(WorkerRequest request, int chipClass, int key, int domain, int least) {
        int best = -1;
        int bestFree = Integer.MAX_VALUE;
        int members = domains.members(key, domain);
        for (int at = 0; at < members && bestFree > least; at++) {
            int node = domains.member(key, domain, at);
            NodeEntry entry = index.entry(node, chipClass);
            int free = entry == null ? 0 : entry.free;
            if (free >= least && free < bestFree && resources.suffice(request, node)) {
                best = node;
                bestFree = free;
            }
        }
        return best;
    }

    /** Kinds of room of one class, from one on. */
    private record Kinds(int chipClass, int first, int last) {}

    private int firstKind(WorkerRequest request, int chipClass) {
        if (!request.partitioned()) {
            return request.shareMilli() / Pool.SHARE_STEP_MILLI;
        }
        int profile = index.of(chipClass).partitions.find(request.partition());
        return profile < 0 ? -1 : Pool.SHARE_KINDS + profile;
    }

    private int findPart(WorkerRequest request, Kinds kinds, int key, int domain) {
        Pool pool = index.poolOf(kinds.chipClass(), domains.member(key, domain, 0));
        for (int kind = kinds.first(); kind <= kinds.last(); kind++) {
            int place = pool.nextOfKind(kind, 0, request);
            while (place >= 0) {
                int node = pool.node(place);
                if (domains.of(key, node) == domain && partMilli(request, kinds.chipClass(), node) >= 0) {
                    return node;
                }
                place = pool.nextOfKind(kind, place + 1, request);
            }
        }
        return -1;
    }

    private int lookForPart(WorkerRequest request, int chipClass, int key, int domain) {
        int best = -1;
        int bestMilli = Integer.MAX_VALUE;
        int members = domains.members(key, domain);
        for (int at = 0; at < members; at++) {
            int node = domains.member(key, domain, at);
            NodeEntry entry = index.entry(node, chipClass);
            if (entry != null && entry.kinds != 0 && resources.suffice(request, node)) {
                int milli = partMilli(request, chipClass, node);
                if (milli >= 0 && milli < bestMilli) {
                    best = node;
                    bestMilli = milli;
                }
            }
        }
        return best;
    }

    /** What the device of a node has free that suits best: thousandths, or 0 where it is split; −1 for none. */
    private int partMilli(WorkerRequest request, int chipClass, int node) {
        if (request.partitioned()) {
            return bestSplit(request, chipClass, node) < 0 ? -1 : 0;
        }
        int device = bestShared(request, chipClass, node);
        return device < 0 ? -1 : devices.freeMilli(fleet.device(node, device));
    }
}
