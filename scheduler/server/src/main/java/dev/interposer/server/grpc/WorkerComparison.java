package dev.interposer.server.grpc;

import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.model.WorkerPhase;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import dev.interposer.ledger.check.Finding;
import dev.interposer.ledger.check.Finding.Kind;
import dev.interposer.server.agents.AgentHub;
import dev.interposer.server.view.LiveView;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What agents say that they run, against the state.
 *
 * <p>Words are under way all the time, so a difference counts only when a second look, later, shows it too.
 */
final class WorkerComparison {
    private static final long BETWEEN_LOOKS_MILLIS = 1_000;

    private final LiveView view;
    private final AgentHub hub;
    private int nodes;

    WorkerComparison(LiveView view, AgentHub hub) {
        this.view = view;
        this.hub = hub;
    }

    List<Finding> run() {
        Set<Finding> first = look();
        if (!first.isEmpty()) {
            try {
                Thread.sleep(BETWEEN_LOOKS_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            first.retainAll(look());
        }
        return List.copyOf(first);
    }

    /** Nodes that were compared. */
    int nodes() {
        return nodes;
    }

    private Set<Finding> look() {
        Map<String, Set<WorkerKey>> running = hub.running();
        nodes = running.size();
        return view.read(state -> {
            Set<Finding> found = new LinkedHashSet<>();
            running.forEach((name, keys) -> compare(state, name, keys, found));
            return found;
        });
    }

    private static void compare(State state, String name, Set<WorkerKey> running, Set<Finding> found) {
        NodeState node = state.nodes().find(name);
        List<WorkerKey> known = new ArrayList<>();
        if (node != null) {
            for (WorkerState worker : node.workers()) {
                known.add(worker.key());
                if (worker.phase() == WorkerPhase.RUNNING && !running.contains(worker.key())) {
                    found.add(new Finding(
                            Kind.WORKER_MISSING, 0, "node " + name + " does not run worker " + worker.key()));
                }
            }
            node.holds().forEach(hold -> known.add(hold.key()));
        }
        running.stream()
                .filter(key -> !known.contains(key))
                .sorted(java.util.Comparator.comparing(WorkerKey::toString))
                .forEach(key -> found.add(new Finding(
                        Kind.WORKER_UNKNOWN, 0, "node " + name + " runs worker " + key + ", which nobody expects")));
    }
}
