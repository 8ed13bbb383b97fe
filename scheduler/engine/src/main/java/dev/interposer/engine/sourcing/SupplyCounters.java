package dev.interposer.engine.sourcing;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.StateObserver;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Chips installed, healthy, allocated and in use by others, by class and seller, in thousandths of a chip.
 *
 * <p><b>Goals.</b> Always equal to what a walk over the whole state would count, at the cost of what changed.
 *
 * <p><b>Constraints.</b> Sums of integers only, so that the order of events can't show. Healthy means: could take work
 * now, on a node in service; also where somebody outside of the ledger uses it. Allocated counts under the class that
 * the work was placed as and under its node's seller; what nobody expected on a returned node is nobody's work and is
 * not counted.
 *
 * <p><b>Algorithm.</b> A node is a small list of amounts that is taken off and added again when the node changes;
 * workers are added and taken off one by one. A change of objects (classes, suppliers) makes everything stale; the next
 * reader counts anew, once for any number of such changes.
 */
public final class SupplyCounters implements StateObserver {
    private static final int AMOUNTS = 6;
    private static final int INSTALLED = 0;
    private static final int HEALTHY = 1;
    private static final int ALLOCATED = 2;
    private static final int FOREIGN = 3;
    private static final int OBSERVED = 4;
    private static final int OPEN = 5;

    private final State state;
    private final List<Cell> cells = new ArrayList<>();
    private final Map<Cell, Integer> numbers = new HashMap<>();
    private final LongTable<NodePart> parts = new LongTable<>();
    /** By cell, {@link #AMOUNTS} of each, in the order of {@link Count}. */
    private long[] amounts = new long[16 * AMOUNTS];

    private long objectsVersion = -1;

    /** Chips of one class from one seller; {@link Origins#BY_CLASS} where the node names none. */
    public record Cell(String className, String seller) {}

    /**
     * Thousandths of chips.
     *
     * @param installedMilli of all that is there
     * @param healthyMilli sound, on nodes in service that are there for work
     * @param allocatedMilli bound to workers
     * @param foreignMilli used by somebody outside of the ledger, on any node; what ours has beside that counts twice
     * @param observedMilli on nodes that are only looked at
     * @param openMilli of the healthy ones those that nobody else uses: what our work has or could have
     */
    public record Count(
            long installedMilli,
            long healthyMilli,
            long allocatedMilli,
            long foreignMilli,
            long observedMilli,
            long openMilli) {
        public static final Count NONE = new Count(0, 0, 0);

        /** Of chips that all are there for our work. */
        public Count(long installedMilli, long healthyMilli, long allocatedMilli) {
            this(installedMilli, healthyMilli, allocatedMilli, 0, 0, healthyMilli);
        }

        public Count plus(Count other) {
            return new Count(
                    installedMilli + other.installedMilli,
                    healthyMilli + other.healthyMilli,
                    allocatedMilli + other.allocatedMilli,
                    foreignMilli + other.foreignMilli,
                    observedMilli + other.observedMilli,
                    openMilli + other.openMilli);
        }
    }

    /** What a node counts for. */
    private static final class NodePart {
        private final String seller;
        private final int[] cells;
        /** As {@link SupplyCounters#amounts}, by the place in {@link #cells}. */
        private final long[] amounts;

        NodePart(String seller, int[] cells, long[] amounts) {
            this.seller = seller;
            this.cells = cells;
            this.amounts = amounts;
        }

        String seller() {
            return seller;
        }
    }

    private SupplyCounters(State state) {
        this.state = state;
    }

    /** Follows a state from here on; what is there already is taken in. */
    public static SupplyCounters following(State state) {
        SupplyCounters counters = new SupplyCounters(state);
        state.observe(counters);
        return counters;
    }

    /** A count of a state as it is, that follows nothing. */
    public static SupplyCounters of(State state) {
        return new SupplyCounters(state);
    }

    /** Each cell that was ever filled, with its count, in the order of class and seller. */
    public Map<Cell, Count> all() {
        refresh();
        Map<Cell, Count> all =
                new TreeMap<>(Comparator.comparing(Cell::className).thenComparing(Cell::seller));
        for (int cell = 0; cell < cells.size(); cell++) {
            Count count = count(cell);
            if (!count.equals(Count.NONE)) {
                all.put(cells.get(cell), count);
            }
        }
        return all;
    }

    /** A class over all sellers. */
    public Count of(String className) {
        refresh();
        Count sum = Count.NONE;
        for (int cell = 0; cell < cells.size(); cell++) {
            if (cells.get(cell).className().equals(className)) {
                sum = sum.plus(count(cell));
            }
        }
        return sum;
    }

    private Count count(int cell) {
        int at = cell * AMOUNTS;
        return new Count(
                amounts[at + INSTALLED],
                amounts[at + HEALTHY],
                amounts[at + ALLOCATED],
                amounts[at + FOREIGN],
                amounts[at + OBSERVED],
                amounts[at + OPEN]);
    }

    /** The seller that a node was last counted under. */
    String sellerOf(long nodeId) {
        NodePart part = parts.get(nodeId);
        return part == null ? Origins.BY_CLASS : part.seller();
    }

    private void refresh() {
        if (objectsVersion == state.settings().objectsVersion()) {
            return;
        }
        objectsVersion = state.settings().objectsVersion();
        cells.clear();
        numbers.clear();
        parts.clear();
        Arrays.fill(amounts, 0);
        for (NodeState node : state.nodes().all()) {
            put(node, part(node));
            node.workers().forEach(worker -> allocate(worker, 1));
        }
    }

    /** Whether objects changed since the last count, so that increments would be lost anyway. */
    private boolean stale() {
        return objectsVersion != state.settings().objectsVersion();
    }

    private void put(NodeState node, NodePart part) {
        parts.put(node.id(), part);
        add(part, 1);
    }

    private void add(NodePart part, int sign) {
        for (int index = 0; index < part.cells.length; index++) {
            for (int amount = 0; amount < AMOUNTS; amount++) {
                amounts[part.cells[index] * AMOUNTS + amount] += sign * part.amounts[index * AMOUNTS + amount];
            }
        }
    }

    private NodePart part(NodeState node) {
        String seller = Origins.sellerOf(node.info(), state.settings());
        int[] found = new int[4];
        long[] counted = new long[4 * AMOUNTS];
        int count = 0;
        for (Device device : node.devices()) {
            if (device.className().isEmpty()) {
                continue;
            }
            int cell = number(device.className(), seller);
            int at = 0;
            while (at < count && found[at] != cell) {
                at++;
            }
            if (at == count) {
                count++;
                if (count > found.length) {
                    found = Arrays.copyOf(found, 2 * count);
                    counted = Arrays.copyOf(counted, 2 * count * AMOUNTS);
                }
                found[at] = cell;
            }
            long milli = ChipShare.of(chipClass(device.className()), device, node.devices());
            count(device, node, milli, counted, at * AMOUNTS);
        }
        return new NodePart(seller, Arrays.copyOf(found, count), counted);
    }

    private static void count(Device device, NodeState node, long milli, long[] counted, int at) {
        boolean healthy = node.schedulable() && device.report().health() == Health.HEALTHY;
        boolean foreign = device.report().isForeign();
        counted[at + INSTALLED] += milli;
        counted[at + HEALTHY] += healthy ? milli : 0;
        counted[at + FOREIGN] += foreign ? milli : 0;
        counted[at + OBSERVED] += node.info().observed() ? milli : 0;
        counted[at + OPEN] += healthy && !foreign ? milli : 0;
    }

    private int number(String className, String seller) {
        Cell cell = new Cell(className, seller);
        Integer known = numbers.get(cell);
        if (known != null) {
            return known;
        }
        int number = cells.size();
        cells.add(cell);
        numbers.put(cell, number);
        if ((number + 1) * AMOUNTS > amounts.length) {
            amounts = Arrays.copyOf(amounts, 2 * amounts.length);
        }
        return number;
    }

    private @Nullable AcceleratorClass chipClass(String name) {
        return state.settings().acceleratorClass(name);
    }

    private void allocate(WorkerState worker, int sign) {
        String className = worker.gang().className();
        if (className.isEmpty()) {
            return;
        }
        NodePart part = parts.get(worker.nodeId());
        if (part != null) {
            long milli = milliOf(worker, chipClass(className));
            int cell = number(className, part.seller());
            amounts[cell * AMOUNTS + ALLOCATED] += sign * milli;
        }
    }

    /** Thousandths of chips that a worker takes. */
    static long milliOf(WorkerState worker, @Nullable AcceleratorClass chipClass) {
        return (long) worker.placement().devices().size()
                * ChipShare.of(chipClass, worker.role().accelerators());
    }

    // ---- following the state

    @Override
    public void nodeChanged(NodeState node) {
        if (stale()) {
            return;
        }
        NodePart before = parts.get(node.id());
        NodePart now = part(node);
        if (before != null) {
            add(before, -1);
            if (!before.seller().equals(now.seller())) {
                node.workers().forEach(worker -> allocate(worker, -1));
                put(node, now);
                node.workers().forEach(worker -> allocate(worker, 1));
                return;
            }
        }
        put(node, now);
    }

    @Override
    public void nodeRemoved(NodeState node) {
        NodePart gone = stale() ? null : parts.remove(node.id());
        if (gone != null) {
            add(gone, -1);
        }
    }

    @Override
    public void deviceHealthChanged(NodeState node, long deviceId) {
        nodeChanged(node);
    }

    @Override
    public void workerBound(GangState gang, WorkerState worker) {
        if (!stale()) {
            allocate(worker, 1);
        }
    }

    @Override
    public void workerReleased(GangState gang, WorkerState worker) {
        if (!stale()) {
            allocate(worker, -1);
        }
    }
}
