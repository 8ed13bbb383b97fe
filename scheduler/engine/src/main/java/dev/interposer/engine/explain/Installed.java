package dev.interposer.engine.explain;

import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Devices and the largest nodes by class, found once for all who ask between two changes of the fleet. Found for each
 * of them, they took a third of the loop's time with 10,000 nodes.
 */
final class Installed {
    /** Devices that a node has, as if they were one of its resources. */
    static final String DEVICES = "devices";

    private static final Count NONE = new Count(0, 0, 0, 0, Most.NONE);

    private final State state;
    private final Fleet fleet;
    private final Map<String, Count> counts = new HashMap<>();

    /** By class, {@code ""} for any node, and by resource; of nodes that are there for work. */
    private final Map<String, Map<String, Most>> largest = new HashMap<>();

    /** The same of nodes that are only looked at. */
    private final Map<String, Map<String, Most>> largestObserved = new HashMap<>();

    private long version = -1;

    /** The place that has the most, and how much. */
    record Most(String place, long amount) {
        static final Most NONE = new Most("", 0);

        /** The other only where it has more, so that of equals the first stays. */
        Most or(Most other) {
            return other.amount() > amount ? other : this;
        }
    }

    /**
     * Devices of a class.
     *
     * @param healthy of those installed, on nodes that take new work
     * @param foreign of the healthy ones, in use by somebody outside of the ledger
     * @param observed of those installed, on nodes that are only looked at
     * @param most the cluster with the most of the healthy ones
     */
    record Count(long installed, long healthy, long foreign, long observed, Most most) {
        Count with(Most other) {
            return new Count(installed, healthy, foreign, observed, other);
        }
    }

    Installed(State state, Fleet fleet) {
        this.state = state;
        this.fleet = fleet;
    }

    Count of(String className) {
        refresh();
        return counts.getOrDefault(className, NONE);
    }

    /** The node that has the most of a resource of those with devices of the class; of all where the class is empty. */
    Most largest(String resource, String className) {
        refresh();
        return largest.getOrDefault(className, Map.of()).getOrDefault(resource, Most.NONE);
    }

    /** The node that has the most of a resource of those that are only looked at. */
    Most largestObserved(String resource, String className) {
        refresh();
        return largestObserved.getOrDefault(className, Map.of()).getOrDefault(resource, Most.NONE);
    }

    private void refresh() {
        if (version == fleet.version()) {
            return;
        }
        version = fleet.version();
        counts.clear();
        largest.clear();
        largestObserved.clear();
        Map<String, Map<String, Long>> healthyByCluster = new HashMap<>();
        for (NodeState node : state.nodes().all()) {
            add(node, healthyByCluster.computeIfAbsent(node.info().cluster(), name -> new HashMap<>()));
        }
        healthyByCluster.forEach((cluster, byClass) -> byClass.forEach((className, devices) -> {
            Count count = counts.getOrDefault(className, NONE);
            Most most = first(count.most(), new Most(cluster, devices));
            counts.put(className, count.with(most));
        }));
    }

    /** Of two clusters with as many the one whose name comes first: maps have no order. */
    private static Most first(Most one, Most other) {
        boolean even = one.amount() == other.amount() && !one.place().isEmpty();
        return even ? (one.place().compareTo(other.place()) <= 0 ? one : other) : one.or(other);
    }

    private void add(NodeState node, Map<String, Long> healthyOfCluster) {
        Set<String> classes = new HashSet<>(Set.of(""));
        Map<String, Long> whole = new HashMap<>();
        for (Device device : node.devices()) {
            String name = device.className();
            boolean healthy = node.schedulable() && device.report().health() == Health.HEALTHY;
            classes.add(name);
            Count count = counts.getOrDefault(name, NONE);
            counts.put(
                    name,
                    new Count(
                            count.installed() + 1,
                            count.healthy() + (healthy ? 1 : 0),
                            count.foreign() + (healthy && device.report().isForeign() ? 1 : 0),
                            count.observed() + (node.info().observed() ? 1 : 0),
                            Most.NONE));
            if (healthy) {
                healthyOfCluster.merge(name, 1L, Long::sum);
            }
            if (device.report().partition().isEmpty()) {
                whole.merge(name, 1L, Long::sum);
            }
        }
        Map<String, Map<String, Most>> ofNode = node.info().observed() ? largestObserved : largest;
        for (String className : classes) {
            Map<String, Most> most = ofNode.computeIfAbsent(className, name -> new HashMap<>());
            node.info()
                    .capacity()
                    .forEach((resource, amount) -> most.merge(resource, new Most(node.name(), amount), Most::or));
            most.merge(DEVICES, new Most(node.name(), whole.getOrDefault(className, 0L)), Most::or);
        }
    }
}
