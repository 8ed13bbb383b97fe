package dev.interposer.server.grpc;

import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.model.WorkerPhase;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import dev.interposer.ledger.check.Finding;
import dev.interposer.ledger.check.Finding.Kind;
import dev.interposer.server.agents.AgentHub;
import dev.interposer.server.view.LiveView;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What agents see running, against the state.
 *
 * <p>Words are under way all the time, so a difference counts only when a second look, later, shows it too.
 */
final class WorkerComparison {
    private static final long ANSWER_MILLIS = 5_000;
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

    /** Nodes whose agents answered. */
    int nodes() {
        return nodes;
    }

    private Set<Finding> look() {
        Map<String, Set<WorkerKey>> answers = hub.rosters(ANSWER_MILLIS);
        nodes = answers.size();
        return view.read(state -> differences(state, answers));
    }

    /** Of each node that counts as sound; {@code answers} has what runs on those whose agents answered. */
    static Set<Finding> differences(State state, Map<String, Set<WorkerKey>> answers) {
        Set<Finding> found = new LinkedHashSet<>();
        for (NodeState node : state.nodes().all()) {
            Set<WorkerKey> running = answers.get(node.name());
            if (running != null) {
                compare(node, running, found);
            } else if (node.phase() == NodePhase.READY) {
                add(found, Kind.AGENT_SILENT, node, "has no agent that says what runs there");
            }
        }
        return found;
    }

    private static void compare(NodeState node, Set<WorkerKey> running, Set<Finding> found) {
        Set<WorkerKey> known = new HashSet<>();
        for (WorkerState worker : node.workers()) {
            known.add(worker.key());
            if (worker.phase() == WorkerPhase.RUNNING && !running.contains(worker.key())) {
                add(found, Kind.WORKER_MISSING, node, "does not run worker " + worker.key());
            }
        }
        node.holds().forEach(hold -> known.add(hold.key()));
        running.stream()
                .filter(key -> !known.contains(key))
                .sorted(Comparator.comparing(WorkerKey::toString))
                .forEach(key -> add(found, Kind.WORKER_UNKNOWN, node, "runs worker " + key + ", which nobody expects"));
    }

    private static void add(Set<Finding> found, Kind kind, NodeState node, String words) {
        found.add(new Finding(kind, 0, "node " + node.name() + " " + words));
    }
}
