package dev.interposer.engine.state;

import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.oracle.World;
import java.util.List;

/** What stands in a state, as the plain values that an oracle knows. */
public final class WorldOf {
    private WorldOf() {}

    public static World state(State state) {
        return new World(
                state.nodes().all().stream().map(WorldOf::node).toList(),
                state.jobs().all().stream().map(WorldOf::job).toList(),
                state.settings().classes(),
                List.copyOf(state.settings().queues()));
    }

    private static World.Node node(NodeState node) {
        boolean inService = node.phase() == NodePhase.READY && !node.cordoned();
        return new World.Node(node.id(), node.info(), inService, List.copyOf(node.devices()));
    }

    private static World.Job job(JobState job) {
        List<World.Gang> gangs = job.gangs().stream().map(WorldOf::gang).toList();
        return new World.Job(job.id(), job.name(), job.spec(), job.priority(), job.userName(), gangs);
    }

    private static World.Gang gang(GangState gang) {
        return new World.Gang(
                gang.job().id(),
                gang.index(),
                gang.phase(),
                gang.eligible(),
                gang.profileIndex() < 0 ? null : gang.profile(),
                gang.className(),
                gang.workers().stream()
                        .map(worker -> new World.Worker(worker.role(), worker.placement(), worker.ended()))
                        .toList(),
                gang.reservation(),
                gang.avoidedNodes(),
                gang.assignedAtMicros());
    }
}
