package dev.interposer.engine.explain;

import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import java.util.HashMap;
import java.util.Map;

/**
 * Devices by class, counted once for all who ask between two changes of the fleet. Counted for each of them, it took a
 * third of the loop's time with 10,000 nodes.
 */
final class Installed {
    private static final Count NONE = new Count(0, 0);

    private final State state;
    private final Fleet fleet;
    private final Map<String, Count> counts = new HashMap<>();
    private long version = -1;

    /** @param healthy of those installed, on nodes that take new work */
    record Count(long installed, long healthy) {}

    Installed(State state, Fleet fleet) {
        this.state = state;
        this.fleet = fleet;
    }

    Count of(String className) {
        if (version != fleet.version()) {
            count();
            version = fleet.version();
        }
        return counts.getOrDefault(className, NONE);
    }

    private void count() {
        counts.clear();
        for (NodeState node : state.nodes().all()) {
            boolean takesWork = node.schedulable();
            for (Device device : node.devices()) {
                boolean healthy = takesWork && device.report().health() == Health.HEALTHY;
                counts.merge(
                        device.className(),
                        new Count(1, healthy ? 1 : 0),
                        (a, b) -> new Count(a.installed() + b.installed(), a.healthy() + b.healthy()));
            }
        }
    }
}
