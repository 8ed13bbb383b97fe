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
    private static final Count NONE = new Count(0, 0);

    private final State state;
    private final Fleet fleet;
    private final Map<String, Count> counts = new HashMap<>();

    /** By class, {@code ""} for any node, and by resource. */
    private final Map<String, Map<String, Long>> largest = new HashMap<>();

    private long version = -1;

    /** @param healthy of those installed, on nodes that take new work */
    record Count(long installed, long healthy) {}

    Installed(State state, Fleet fleet) {
        this.state = state;
        this.fleet = fleet;
    }

    Count of(String className) {
        refresh();
        return counts.getOrDefault(className, NONE);
    }

    /** The most of a resource that a node with devices of the class has; of any node where the class is empty. */
    long largestCapacity(String resource, String className) {
        refresh();
        return largest.getOrDefault(className, Map.of()).getOrDefault(resource, 0L);
    }

    private void refresh() {
        if (version != fleet.version()) {
            version = fleet.version();
            counts.clear();
            largest.clear();
            state.nodes().all().forEach(this::add);
        }
    }

    private void add(NodeState node) {
        boolean takesWork = node.schedulable();
        Set<String> classes = new HashSet<>(Set.of(""));
        for (Device device : node.devices()) {
            boolean healthy = takesWork && device.report().health() == Health.HEALTHY;
            classes.add(device.className());
            counts.merge(
                    device.className(),
                    new Count(1, healthy ? 1 : 0),
                    (a, b) -> new Count(a.installed() + b.installed(), a.healthy() + b.healthy()));
        }
        for (String className : classes) {
            Map<String, Long> most = largest.computeIfAbsent(className, name -> new HashMap<>());
            node.info().capacity().forEach((resource, amount) -> most.merge(resource, amount, Math::max));
        }
    }
}
