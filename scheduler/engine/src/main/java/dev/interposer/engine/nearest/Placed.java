package dev.interposer.engine.nearest;

import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.List;
import java.util.Objects;

/**
 * Where a gang starts on a copy.
 *
 * @param profileName name of the profile
 * @param className class of its devices; empty for none
 * @param workers where each worker is
 * @param nodes names of their nodes, each once, sorted
 */
public record Placed(String profileName, String className, List<WorkerPlacement> workers, List<String> nodes) {
    public Placed {
        workers = List.copyOf(workers);
        nodes = List.copyOf(nodes);
    }

    static Placed of(GangState gang, State state) {
        return new Placed(
                gang.profile().name(),
                gang.className(),
                gang.workers().stream().map(WorkerState::placement).toList(),
                gang.workers().stream()
                        .map(worker -> Objects.requireNonNull(state.nodes().find(worker.nodeId()))
                                .name())
                        .distinct()
                        .sorted()
                        .toList());
    }

    /** Devices of all workers; shares and partitions count as devices. */
    public int devices() {
        return workers.stream().mapToInt(worker -> worker.devices().size()).sum();
    }
}
