package dev.interposer.engine.fleet;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.Hold;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.state.NodeState;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Nodes and devices in primitive arrays, with buckets of nodes by class and number of free whole devices.
 *
 * <p>Everything is kept by increments: {@link #bind} and {@link #release} are exact inverses, which is what a trial
 * undoes itself by. A device of a node that takes no new work, an unhealthy one, and one in quarantine are not usable;
 * what is bound to them is counted all the same.
 */
public final class Fleet {
    private static final int WHOLE = 1000;

    private final Interner classes = new Interner();
    private final Interner resources = new Interner();
    private final Domains domains = new Domains();
    private final Slots slots = new Slots();
    private final Map<Long, NodeState> nodes = new HashMap<>();
    private final Buckets buckets = new Buckets();
    private final Bits schedulable = new Bits();

    private int[][] devicesOfNode = new int[0][];
    private long[][] freeByDimension = new long[0][];
    private long[] deviceId = new long[0];
    private int[] deviceClass = new int[0];
    private int[] deviceFreeMilli = new int[0];
    private boolean[] deviceUsable = new boolean[0];
    private int[] freeDeviceSlots = new int[0];
    private int freeDeviceCount;
    private int deviceSlots;

    // ---- what is there

    /** Number of a class; made on first use. */
    public int classNumber(String name) {
        int number = classes.intern(name);
        buckets.ensureClass(number);
        return number;
    }

    public String className(int number) {
        return classes.name(number);
    }

    public int classCount() {
        return classes.size();
    }

    /** Number of a resource dimension; made on first use. */
    public int dimension(String resource) {
        int number = resources.intern(resource);
        if (number >= freeByDimension.length) {
            freeByDimension = Arrays.copyOf(freeByDimension, number + 1);
            freeByDimension[number] = new long[slots.capacity()];
            for (NodeState node : nodes.values()) {
                int slot = slots.find(node.id());
                freeByDimension[number][slot] = node.info().capacity().getOrDefault(resource, 0L);
            }
        }
        return number;
    }

    public String dimensionName(int dimension) {
        return resources.name(dimension);
    }

    public int dimensions() {
        return resources.size();
    }

    /** One above the highest node slot in use. */
    public int nodeSlots() {
        return slots.highest();
    }

    /** Slot of a node, or −1. */
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

    /** The next schedulable node at or above a slot with exactly so many free whole devices of a class, or −1. */
    public int nextWithFree(int chipClass, int free, int from) {
        return buckets.next(chipClass, free, from);
    }

    /** The next schedulable node at or above a slot that has a partly taken device of a class, or −1. */
    public int nextWithPartial(int chipClass, int from) {
        return buckets.nextPartial(chipClass, from);
    }

    /** Most whole devices of a class that any node has ever had free. */
    public int mostFree(int chipClass) {
        return buckets.mostFree(chipClass);
    }

    /** Free whole usable devices of a class over all schedulable nodes. */
    public long freeTotal(int chipClass) {
        return buckets.freeTotal(chipClass);
    }

    /** Free whole usable devices of a class on one node, whether it is schedulable or not. */
    public int freeWhole(int chipClass, int node) {
        int free = 0;
        for (int device : devicesOfNode[node]) {
            if (deviceClass[device] == chipClass && deviceUsable[device] && deviceFreeMilli[device] == WHOLE) {
                free++;
            }
        }
        return free;
    }

    public int deviceCount(int node) {
        return devicesOfNode[node].length;
    }

    /** Class of the n-th device of a node; −1 in quarantine. */
    public int deviceClass(int node, int index) {
        return deviceClass[devicesOfNode[node][index]];
    }

    /** Thousandths of the n-th device of a node that are free. */
    public int deviceFreeMilli(int node, int index) {
        return deviceFreeMilli[devicesOfNode[node][index]];
    }

    /** Whether the n-th device of a node may take new work, its node's own state aside. */
    public boolean deviceUsable(int node, int index) {
        return deviceUsable[devicesOfNode[node][index]];
    }

    public long deviceId(int node, int index) {
        return deviceId[devicesOfNode[node][index]];
    }

    public long freeResource(int dimension, int node) {
        return freeByDimension[dimension][node];
    }

    /** Key of a class's topology level, or −1; see {@link #domainOf}. */
    public int levelKey(AcceleratorClass chipClass, String level) {
        int before = domains.keys();
        int key = domains.keyOfLevel(chipClass, level);
        if (domains.keys() > before) {
            nodes.values().forEach(node -> domains.locate(slots.find(node.id()), node));
        }
        return key;
    }

    public int clusterKey() {
        return domains.key(Domains.CLUSTER);
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
        long[] amounts = new long[resources.size()];
        for (Map.Entry<String, Long> entry : role.requests().entrySet()) {
            int dimension = dimension(entry.getKey());
            if (dimension >= amounts.length) {
                amounts = Arrays.copyOf(amounts, dimension + 1);
            }
            amounts[dimension] = entry.getValue();
        }
        return new WorkerRequest(
                admitted, role.accelerators().perWorker(), role.accelerators().shareMilli(), amounts);
    }

    /** Whether the node has the resources other than devices. */
    public boolean hasResources(WorkerRequest request, int node) {
        for (int dimension = 0; dimension < request.dimensions(); dimension++) {
            if (request.resource(dimension) > 0 && freeByDimension[dimension][node] < request.resource(dimension)) {
                return false;
            }
        }
        return true;
    }

    // ---- changes

    /** Takes a node as the state has it now, nothing bound; the caller binds what is bound. */
    public void put(NodeState node) {
        remove(node.id());
        int slot = slots.take(node.id());
        nodes.put(node.id(), node);
        growNodes(slot);
        for (int dimension = 0; dimension < freeByDimension.length; dimension++) {
            freeByDimension[dimension][slot] = node.info().capacity().getOrDefault(resources.name(dimension), 0L);
        }
        int[] own = new int[node.devices().size()];
        int index = 0;
        for (Device device : node.devices()) {
            own[index++] = addDevice(device);
        }
        devicesOfNode[slot] = own;
        domains.locate(slot, node);
        if (node.schedulable()) {
            schedulable.set(slot);
        }
        for (Hold hold : node.holds()) {
            hold.devices().stream().forEach(id -> hold(slot, id));
        }
        index(slot);
    }

    /** Forgets a node and whatever is bound to it. */
    public void remove(long nodeId) {
        int slot = slots.find(nodeId);
        if (slot < 0) {
            return;
        }
        unindex(slot);
        schedulable.clear(slot);
        for (int device : devicesOfNode[slot]) {
            dropDevice(device);
        }
        devicesOfNode[slot] = new int[0];
        nodes.remove(nodeId);
        slots.give(nodeId);
    }

    public void health(long nodeId, Device device) {
        int slot = slots.find(nodeId);
        unindex(slot);
        deviceUsable[deviceSlot(slot, device.id())] = usable(device);
        index(slot);
    }

    /** Takes what a worker asks for, on its node and devices; also beyond what is free. */
    public void bind(WorkerPlacement placement, WorkerRequest request) {
        change(placement, request, -1);
    }

    /** The exact inverse of {@link #bind}. */
    public void release(WorkerPlacement placement, WorkerRequest request) {
        change(placement, request, 1);
    }

    /**
     * Whether a worker can't be where it is bound: more is bound to one of its devices, or more of a resource that it
     * asks for, than there is; or a device or the node takes no new work.
     */
    public boolean overcommitted(int node, Ids devices, WorkerRequest request) {
        if (!schedulable.get(node)) {
            return true;
        }
        for (int index = 0; index < devices.size(); index++) {
            int device = findDevice(node, devices.get(index));
            if (device < 0 || !deviceUsable[device] || deviceFreeMilli[device] < 0) {
                return true;
            }
        }
        for (int dimension = 0; dimension < request.dimensions(); dimension++) {
            if (request.resource(dimension) > 0 && freeByDimension[dimension][node] < 0) {
                return true;
            }
        }
        return false;
    }

    private void change(WorkerPlacement placement, WorkerRequest request, int sign) {
        int node = slots.find(placement.nodeId());
        if (node < 0) {
            throw new IllegalStateException("there is no node " + placement.nodeId());
        }
        unindex(node);
        Ids devices = placement.devices();
        for (int index = 0; index < devices.size(); index++) {
            int device = findDevice(node, devices.get(index));
            // A device may have left the inventory while a worker still had it.
            if (device >= 0) {
                deviceFreeMilli[device] += sign * request.shareMilli();
            }
        }
        for (int dimension = 0; dimension < request.dimensions(); dimension++) {
            freeByDimension[dimension][node] += sign * request.resource(dimension);
        }
        index(node);
    }

    private void hold(int node, long id) {
        int device = findDevice(node, id);
        if (device >= 0) {
            deviceFreeMilli[device] -= WHOLE;
        }
    }

    private void index(int slot) {
        if (schedulable.get(slot)) {
            buckets.add(slot, devicesOfNode[slot], this::freeMilliIfUsable, device -> deviceClass[device]);
        }
    }

    private void unindex(int slot) {
        buckets.removeNode(slot);
    }

    private int freeMilliIfUsable(int device) {
        return deviceUsable[device] ? Math.max(0, deviceFreeMilli[device]) : 0;
    }

    private int addDevice(Device device) {
        int slot = freeDeviceCount > 0 ? freeDeviceSlots[--freeDeviceCount] : deviceSlots++;
        if (slot >= deviceId.length) {
            int size = Math.max(64, deviceId.length * 2);
            deviceId = Arrays.copyOf(deviceId, size);
            deviceClass = Arrays.copyOf(deviceClass, size);
            deviceFreeMilli = Arrays.copyOf(deviceFreeMilli, size);
            deviceUsable = Arrays.copyOf(deviceUsable, size);
        }
        deviceId[slot] = device.id();
        deviceClass[slot] = device.className().isEmpty() ? -1 : classNumber(device.className());
        deviceFreeMilli[slot] = WHOLE;
        deviceUsable[slot] = usable(device);
        return slot;
    }

    private static boolean usable(Device device) {
        return !device.className().isEmpty() && device.report().health() == Health.HEALTHY;
    }

    private void dropDevice(int slot) {
        if (freeDeviceCount == freeDeviceSlots.length) {
            freeDeviceSlots = Arrays.copyOf(freeDeviceSlots, Math.max(64, freeDeviceCount * 2));
        }
        freeDeviceSlots[freeDeviceCount++] = slot;
    }

    private int deviceSlot(int node, long id) {
        int device = findDevice(node, id);
        if (device < 0) {
            throw new IllegalStateException("node " + slots.id(node) + " has no device " + id);
        }
        return device;
    }

    private int findDevice(int node, long id) {
        for (int device : devicesOfNode[node]) {
            if (deviceId[device] == id) {
                return device;
            }
        }
        return -1;
    }

    private void growNodes(int slot) {
        if (slot >= devicesOfNode.length) {
            int old = devicesOfNode.length;
            devicesOfNode = Arrays.copyOf(devicesOfNode, slots.capacity());
            Arrays.fill(devicesOfNode, old, devicesOfNode.length, new int[0]);
            for (int dimension = 0; dimension < freeByDimension.length; dimension++) {
                freeByDimension[dimension] = Arrays.copyOf(freeByDimension[dimension], slots.capacity());
            }
        }
    }
}
