package dev.interposer.engine.fleet;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.Hold;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.state.NodeState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Nodes and devices in primitive arrays, with an index of where there is room; see {@link Search}.
 *
 * <p>Everything is kept by increments: {@link #bind} and {@link #release} are exact inverses, also where more is bound
 * than there is. A device of a node that takes no new work, an unhealthy one, one that somebody outside of the ledger
 * uses, one in quarantine and one that its agent has split into other devices are not usable; what is bound to them is
 * counted all the same, and so is foreign use, which takes a device whole.
 */
public final class Fleet {
    private static final int[] NO_DEVICES = new int[0];

    private final Interner classes = new Interner();
    private final Interner clusters = new Interner();
    private final Resources resources = new Resources();
    private final Domains domains = new Domains();
    private final Slots slots = new Slots();
    private final Devices devices = new Devices();
    private final RoomIndex index = new RoomIndex(resources, domains, devices);
    private final Search search = new Search(this, index, domains, resources, devices);
    private final Bits schedulable = new Bits();
    private Ids hidden = Ids.NONE;

    private @Nullable NodeState[] nodes = new NodeState[0];
    private int[][] devicesOfNode = new int[0][];
    private long version;

    public Fleet() {
        // The two stand-ins of the index come first; no class has such a name.
        classNumber("");
        classNumber("*");
    }

    // ---- what is there

    /** Another one after each change of nodes, devices or their health; what work takes leaves it as it is. */
    public long version() {
        return version;
    }

    /** Where there is room. */
    public Search search() {
        return search;
    }

    /** Number of a class; made on first use. */
    public int classNumber(String name) {
        int number = classes.intern(name);
        index.ensureClass(number);
        return number;
    }

    public String className(int number) {
        return classes.name(number);
    }

    /** One above the highest number of a class. */
    public int classCount() {
        return classes.size();
    }

    /** Number of a resource dimension; made on first use. */
    public int dimension(String resource) {
        int known = resources.count();
        int number = resources.number(resource);
        if (resources.count() > known) {
            for (int slot = 0; slot < slots.highest(); slot++) {
                NodeState node = nodes[slot];
                resources.set(
                        number, slot, node == null ? 0 : node.info().capacity().getOrDefault(resource, 0L));
            }
        }
        return number;
    }

    public String dimensionName(int dimension) {
        return resources.name(dimension);
    }

    public int dimensions() {
        return resources.count();
    }

    /** One above the highest node slot in use. */
    public int nodeSlots() {
        return slots.highest();
    }

    /** Slot of a node, or −1. A node keeps its slot until another node comes. */
    public int nodeSlot(long nodeId) {
        return slots.find(nodeId);
    }

    public long nodeId(int slot) {
        return slots.id(slot);
    }

    /** The next node at or above a slot that takes new work, or −1. */
    public int nextSchedulable(int from) {
        return schedulable.next(from);
    }

    public boolean isSchedulable(int slot) {
        return schedulable.get(slot);
    }

    /** Free whole usable devices of a class over all schedulable nodes. */
    public long freeTotal(int chipClass) {
        return index.of(chipClass).free;
    }

    /** Free whole usable devices of a class on one node, whether it is schedulable or not. */
    public int freeWhole(int chipClass, int node) {
        int free = 0;
        for (int device : devicesOfNode[node]) {
            if (devices.classOf(device) == chipClass && devices.usable(device) && devices.idle(device)) {
                free++;
            }
        }
        return free;
    }

    public int deviceCount(int node) {
        return devicesOfNode[node].length;
    }

    /** Class of the n-th device of a node; −1 in quarantine. Devices that are a partition have a class of their own. */
    public int deviceClass(int node, int device) {
        return devices.classOf(devicesOfNode[node][device]);
    }

    /** Thousandths of the n-th device of a node that are free; none where it is split. */
    public int deviceFreeMilli(int node, int device) {
        return devices.freeMilli(devicesOfNode[node][device]);
    }

    /** A bit for each slice of the n-th device of a node that a partition lies on; all of them if it is not split. */
    public int deviceSlices(int node, int device) {
        return devices.takenSlices(devicesOfNode[node][device]);
    }

    /** For one node after another, from which work may be thought away; as long as no node comes. */
    public DevicesLeft devicesLeft() {
        return new DevicesLeft(index, devices, devicesOfNode);
    }

    /** Whether the n-th device of a node may take new work, its node's own state aside. */
    public boolean deviceUsable(int node, int device) {
        return devices.usable(devicesOfNode[node][device]);
    }

    public long deviceId(int node, int device) {
        return devices.id(devicesOfNode[node][device]);
    }

    /** What a node has of a resource, whether it is free or not. */
    public long capacity(int dimension, int node) {
        return resources.capacity(dimension, node);
    }

    public long freeResource(int dimension, int node) {
        return resources.free(dimension, node);
    }

    /** The topology levels of a class in the fleet's numbers. */
    public Ladder ladder(AcceleratorClass chipClass) {
        List<String> names = new ArrayList<>();
        chipClass.ladder().forEach(level -> names.add(level.name()));
        boolean ownNode = names.contains(Domains.NODE);
        boolean ownCluster = names.contains(Domains.CLUSTER);
        int[] keys = new int[names.size() + (ownNode ? 0 : 1) + (ownCluster ? 0 : 1)];
        int before = domains.keys();
        int step = 0;
        if (!ownNode) {
            keys[step++] = domains.key(Domains.NODE);
            names.addFirst(Domains.NODE);
        }
        for (int level = 0; level < chipClass.ladder().size(); level++) {
            keys[step++] = domains.keyOf(chipClass, level);
        }
        if (!ownCluster) {
            keys[step] = domains.key(Domains.CLUSTER);
            names.add(Domains.CLUSTER);
        }
        for (int added = before; added < domains.keys(); added++) {
            for (int slot = 0; slot < slots.highest(); slot++) {
                NodeState node = nodes[slot];
                if (node != null) {
                    domains.locate(added, slot, node);
                }
            }
        }
        return new Ladder(names, keys, chipClass);
    }

    public int clusterKey() {
        return domains.clusterKey();
    }

    public int domainCount(int key) {
        return domains.count(key);
    }

    /** Domain of a node under a level's key, or −1 when it is in none. */
    public int domainOf(int key, int node) {
        return domains.of(key, node);
    }

    public String domainName(int key, int domain) {
        return domains.name(key, domain);
    }

    /** What one worker of a role asks for. */
    public WorkerRequest request(Role role, int[] admitted) {
        List<Map.Entry<String, Long>> asked = role.requests().entrySet().stream()
                .filter(entry -> entry.getValue() > 0)
                .toList();
        long[] amounts = new long[2 * asked.size()];
        for (int at = 0; at < asked.size(); at++) {
            amounts[2 * at] = dimension(asked.get(at).getKey());
            amounts[2 * at + 1] = asked.get(at).getValue();
        }
        WorkerRequest.Fraction fraction = new WorkerRequest.Fraction(
                role.accelerators().shareMilli(), role.accelerators().partition(), -1);
        return new WorkerRequest(admitted, role.accelerators().perWorker(), fraction, amounts);
    }

    /** The same request for one class only. */
    public WorkerRequest ofClass(WorkerRequest request, int chipClass) {
        int split = request.partitioned() ? classNumber(splitName(className(chipClass), request.partition())) : -1;
        return request.ofClass(chipClass, split);
    }

    /**
     * Thousandths of a device of a class as which each device of the request counts for queues and policies. A
     * partition counts by its slices; as a whole device if the class does not name it.
     */
    public int countedMilli(WorkerRequest request, int chipClass) {
        if (!request.partitioned() || chipClass < 0) {
            return request.shareMilli();
        }
        Partitions partitions = index.of(chipClass).partitions;
        int profile = partitions.find(request.partition());
        return profile < 0 ? request.shareMilli() : partitions.milli(profile);
    }

    /** Whether the node has the resources other than devices. */
    public boolean hasResources(WorkerRequest request, int node) {
        return resources.suffice(request, node);
    }

    /**
     * Whether a worker can't be where it is bound: more is bound to one of its devices, or more of a resource that it
     * asks for, than there is; or a device or the node takes no new work.
     */
    public boolean overcommitted(int node, Ids ids, WorkerRequest request) {
        if (!schedulable.get(node)) {
            return true;
        }
        for (int at = 0; at < ids.size(); at++) {
            int device = findDevice(node, ids.get(at));
            if (device < 0 || !devices.usable(device) || devices.overcommitted(device)) {
                return true;
            }
        }
        return resources.overcommitted(request, node);
    }

    // ---- changes

    /**
     * What the classes say of themselves: how their devices split, which level is taken whole.
     *
     * @return whether it differs from before, so that every node must be {@link #put} again
     */
    public boolean describe(Collection<AcceleratorClass> described) {
        boolean changed = false;
        for (AcceleratorClass chipClass : described) {
            ClassRooms room = index.of(classNumber(chipClass.name()));
            boolean whole = !chipClass.wholeLevel().isEmpty();
            if (room.wholeLevel != whole || !room.partitions.profiles().equals(chipClass.partitions())) {
                room.partitions = Partitions.of(chipClass.partitions());
                room.wholeLevel = whole;
                changed = true;
            }
        }
        return changed;
    }

    /** Takes a node as the state has it now, nothing bound; the caller binds what is bound. */
    public void put(NodeState node) {
        version++;
        int slot = slots.find(node.id());
        if (slot >= 0) {
            empty(slot);
        } else {
            slot = newSlot(node.id());
        }
        nodes[slot] = node;
        for (int dimension = 0; dimension < resources.count(); dimension++) {
            resources.set(dimension, slot, node.info().capacity().getOrDefault(resources.name(dimension), 0L));
        }
        devicesOfNode[slot] = addDevices(node);
        domains.locate(slot, node);
        if (node.schedulable()) {
            schedulable.set(slot);
        }
        for (Hold hold : node.holds()) {
            for (int at = 0; at < hold.devices().size(); at++) {
                int device = findDevice(slot, hold.devices().get(at));
                if (device >= 0) {
                    devices.addMilli(device, -Devices.WHOLE);
                }
            }
        }
        index.add(slot, clusters.intern(node.info().cluster()), devicesOfNode[slot]);
        refresh(slot);
    }

    /**
     * Nodes in which a search finds no room, whatever is free there; those that were hidden before no longer are. What
     * is bound there, and what the domains around them have in all, counts as before.
     */
    public void hide(Ids nodes) {
        Ids before = hidden;
        hidden = nodes;
        refresh(before);
        refresh(nodes);
    }

    private void refresh(Ids some) {
        for (int at = 0; at < some.size(); at++) {
            int slot = slots.find(some.get(at));
            if (slot >= 0) {
                refresh(slot);
            }
        }
    }

    /** Forgets a node and whatever is bound to it. */
    public void remove(long nodeId) {
        int slot = slots.find(nodeId);
        if (slot >= 0) {
            version++;
            empty(slot);
            domains.remove(slot);
            nodes[slot] = null;
            slots.give(nodeId);
        }
    }

    public void health(long nodeId, Device device) {
        version++;
        int slot = slots.find(nodeId);
        int found = findDevice(slot, device.id());
        if (found < 0) {
            throw new IllegalStateException("node " + nodeId + " has no device " + device.id());
        }
        devices.setUsable(found, devices.classOf(found) >= 0 && device.report().takesWork());
        refresh(slot);
    }

    /** Whether a device is there and may take new work, its node's own state aside. */
    public boolean usable(int node, long deviceId) {
        int device = findDevice(node, deviceId);
        return device >= 0 && devices.usable(device);
    }

    /** Takes what a worker asks for, on its node and devices; also beyond what is free. */
    public void bind(WorkerPlacement placement, WorkerRequest request) {
        bind(slotOf(placement), placement, request);
    }

    /** The exact inverse of {@link #bind}. */
    public void release(WorkerPlacement placement, WorkerRequest request) {
        release(slotOf(placement), placement, request);
    }

    private int slotOf(WorkerPlacement placement) {
        int node = slots.find(placement.nodeId());
        if (node < 0) {
            throw new IllegalStateException("there is no node " + placement.nodeId());
        }
        return node;
    }

    /** The same for whoever knows the slot of the node. */
    public void bind(int node, WorkerPlacement placement, WorkerRequest request) {
        change(node, placement, request, -1);
    }

    /** The exact inverse. */
    public void release(int node, WorkerPlacement placement, WorkerRequest request) {
        change(node, placement, request, 1);
    }

    private void change(int node, WorkerPlacement placement, WorkerRequest request, int sign) {
        Ids ids = placement.devices();
        for (int at = 0; at < ids.size(); at++) {
            int device = findDevice(node, ids.get(at));
            // A device may have left the inventory while a worker still had it.
            if (device >= 0) {
                change(device, placement.start(), request, sign);
            }
        }
        resources.add(request, node, sign);
        refresh(node);
    }

    /** Takes a device for a worker by −1, gives it back by 1; the node is to be refreshed after. */
    void change(int device, int start, WorkerRequest request, int sign) {
        int chipClass = devices.classOf(device);
        int profile = request.partitioned() && chipClass >= 0
                ? index.of(chipClass).partitions.find(request.partition())
                : -1;
        if (profile >= 0) {
            devices.addSlices(device, start, index.of(chipClass).partitions.slots(profile), -sign);
        } else {
            devices.addMilli(device, sign * request.shareMilli());
        }
    }

    void changeResources(int node, WorkerRequest request, int sign) {
        resources.add(request, node, sign);
        refresh(node);
    }

    int device(int node, int number) {
        return devicesOfNode[node][number];
    }

    int classOf(int device) {
        return devices.classOf(device);
    }

    long idOf(int device) {
        return devices.id(device);
    }

    private void refresh(int slot) {
        RoomIndex.Room room = !schedulable.get(slot)
                ? RoomIndex.Room.CLOSED
                : hidden.size() > 0 && hidden.contains(slots.id(slot)) ? RoomIndex.Room.HIDDEN : RoomIndex.Room.OPEN;
        index.refresh(slot, room, devicesOfNode[slot]);
    }

    private void empty(int slot) {
        index.remove(slot);
        schedulable.clear(slot);
        for (int device : devicesOfNode[slot]) {
            devices.drop(device);
        }
        devicesOfNode[slot] = NO_DEVICES;
    }

    private int[] addDevices(NodeState node) {
        Set<String> split = new HashSet<>();
        node.devices().forEach(device -> split.add(device.report().parentName()));
        int[] added = new int[node.devices().size()];
        int at = 0;
        for (Device device : node.devices()) {
            boolean parent = split.contains(device.report().name());
            int chipClass = device.className().isEmpty() || parent ? -1 : classNumber(classNameOf(device));
            added[at] = devices.add(
                    device.id(), chipClass, chipClass >= 0 && device.report().takesWork());
            if (device.report().isForeign()) {
                devices.addMilli(added[at], -Devices.WHOLE);
            }
            at++;
        }
        return added;
    }

    /** What is a partition serves those who ask for such a one, and nobody else. */
    private static String classNameOf(Device device) {
        String partition = device.report().partition();
        return partition.isEmpty() ? device.className() : splitName(device.className(), partition);
    }

    private static String splitName(String className, String partition) {
        return className + "/" + partition;
    }

    private int findDevice(int node, long id) {
        for (int device : devicesOfNode[node]) {
            if (devices.id(device) == id) {
                return device;
            }
        }
        return -1;
    }

    private int newSlot(long id) {
        if (slots.sparse()) {
            renumber(slots.compact());
        }
        int slot = slots.take(id);
        if (slot >= devicesOfNode.length) {
            int old = devicesOfNode.length;
            devicesOfNode = Arrays.copyOf(devicesOfNode, slots.capacity());
            Arrays.fill(devicesOfNode, old, devicesOfNode.length, NO_DEVICES);
            nodes = Arrays.copyOf(nodes, slots.capacity());
            resources.ensureNodes(slots.capacity());
        }
        return slot;
    }

    private void renumber(int[] from) {
        resources.renumber(from);
        domains.renumber(from);
        index.renumber(from);
        for (int slot = 0; slot < from.length; slot++) {
            nodes[slot] = nodes[from[slot]];
            devicesOfNode[slot] = devicesOfNode[from[slot]];
            boolean takesWork = schedulable.get(from[slot]);
            if (takesWork) {
                schedulable.set(slot);
            } else {
                schedulable.clear(slot);
            }
        }
        Arrays.fill(nodes, from.length, nodes.length, null);
        Arrays.fill(devicesOfNode, from.length, devicesOfNode.length, NO_DEVICES);
        for (int slot = schedulable.next(from.length); slot >= 0; slot = schedulable.next(slot + 1)) {
            schedulable.clear(slot);
        }
    }
}
