package dev.interposer.server.view;

import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Work whose throughput says something of its chips: training of a workload family, on whole chips of one class.
 *
 * <p>What a replica of inference does is what it is asked for, and what a part of a chip does is not a part of what the
 * chip would do.
 *
 * @param family name of the workload family
 * @param className the class
 * @param chips of the workers that have not ended
 */
public record MeasuredWork(String family, String className, int chips) {
    /** Of a gang as it is placed now; null if it can't be compared. */
    public static @Nullable MeasuredWork of(State state, GangState gang) {
        String family = gang.job().spec().workloadFamily();
        // PostgreSQL has no character 0.
        if (gang.job().spec().kind() != JobKind.TRAINING || family.isEmpty() || family.indexOf(0) >= 0) {
            return null;
        }
        Set<String> classes = new HashSet<>();
        int chips = 0;
        for (WorkerState worker : gang.workers()) {
            if (!worker.ended() && worker.role().accelerators().perWorker() > 0) {
                if (!addWhole(state.nodes().find(worker.nodeId()), worker, classes)) {
                    return null;
                }
                chips += worker.placement().devices().size();
            }
        }
        return classes.size() == 1 ? new MeasuredWork(family, classes.iterator().next(), chips) : null;
    }

    private static boolean addWhole(@Nullable NodeState node, WorkerState worker, Set<String> classes) {
        AcceleratorRequest request = worker.role().accelerators();
        if (node == null || request.shared() || !request.partition().isEmpty()) {
            return false;
        }
        for (int at = 0; at < worker.placement().devices().size(); at++) {
            Device device = node.device(worker.placement().devices().get(at));
            if (device == null
                    || device.className().isEmpty()
                    || !device.report().parentName().isEmpty()) {
                return false;
            }
            classes.add(device.className());
        }
        return true;
    }
}
