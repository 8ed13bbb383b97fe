package dev.interposer.engine.plan;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.model.ReservationCause;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.preemption.OwnWord;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Empties the nodes that an operator drains, and the devices that their agents would have empty.
 *
 * <p><b>Goals.</b> What runs on a draining node or device leaves it, at the least cost to the work.
 *
 * <p><b>Constraints.</b> A gang is asked once, gets its grace, and may finish its least run time; one that is never to
 * be evicted ends by itself. Of a job's replicas no more are down than its disruption budget allows. Nothing is asked
 * of a node that is out of touch: nobody there could answer.
 *
 * <p><b>Algorithm.</b> Node by node, gang by gang. An elastic gang that has enough workers elsewhere goes on with
 * those, in the place that they have; every other gang leaves as a whole and waits anew, free of charge.
 */
final class Draining {
    private static final long SECOND = 1_000_000;

    private final State state;
    private final TreeSet<Long> nodes = new TreeSet<>();

    Draining(State state) {
        this.state = state;
    }

    void follow(NodeState node) {
        if (node.draining() || node.devices().stream().anyMatch(Draining::draining)) {
            nodes.add(node.id());
        } else {
            nodes.remove(node.id());
        }
    }

    private static boolean draining(Device device) {
        return device.report().health() == Health.DRAINING;
    }

    /** Whether a worker has to leave the node, or the devices that it has there. */
    private static boolean mustLeave(WorkerState worker, NodeState node) {
        return node.draining()
                || worker.placement().devices().stream()
                        .mapToObj(node::device)
                        .anyMatch(device -> device != null && draining(device));
    }

    /** Whether a worker that stops may be started in its place again: beside foreign use it may only go on. */
    private static boolean mayComeBack(WorkerState worker, NodeState node) {
        return worker.placement().devices().stream()
                .mapToObj(node::device)
                .allMatch(device -> device != null && device.report().takesWork());
    }

    void gone(NodeState node) {
        nodes.remove(node.id());
    }

    /** Whether nothing is left that has to leave. */
    boolean isIdle() {
        for (long id : nodes) {
            NodeState node = state.nodes().find(id);
            if (node != null && node.workers().stream().anyMatch(worker -> mustLeave(worker, node))) {
                return false;
            }
        }
        return true;
    }

    /** @return how many events */
    int run(long nowMicros, Consumer<JobEvent> sink) {
        int events = 0;
        for (long id : List.copyOf(nodes)) {
            NodeState node = state.nodes().find(id);
            if (node != null && node.phase() == NodePhase.READY) {
                Set<GangState> gangs = new LinkedHashSet<>();
                node.workers().stream()
                        .filter(worker -> mustLeave(worker, node))
                        .forEach(worker -> gangs.add(worker.gang()));
                for (GangState gang : gangs) {
                    events += OwnWord.admitsLeaving(gang, nowMicros, 0) ? ask(gang, node, nowMicros, sink) : 0;
                }
            }
        }
        return events;
    }

    private int ask(GangState gang, NodeState node, long nowMicros, Consumer<JobEvent> sink) {
        long grace = node.draining() && node.drainGraceSeconds() >= 0
                ? node.drainGraceSeconds()
                : gang.job().spec().preemption().graceSeconds();
        List<WorkerPlacement> elsewhere = elsewhere(gang);
        StopCause cause = elsewhere.isEmpty() ? StopCause.DRAINED : StopCause.RESIZED;
        sink.accept(new JobEvent.GangStopping(gang.job().id(), gang.index(), gang.attempt(), cause, grace));
        if (elsewhere.isEmpty()) {
            return 1;
        }
        Placement place = new Placement(gang.profileIndex(), gang.className(), elsewhere);
        sink.accept(Rounds.reserved(gang, place, nowMicros + grace * SECOND, ReservationCause.RESIZE));
        return 2;
    }

    /** The workers with which the gang can go on where they are; none if it can't. */
    private List<WorkerPlacement> elsewhere(GangState gang) {
        if (!OwnWord.admitsResizing(gang) || gang.profile().topology().groupSize() > 0) {
            return List.of();
        }
        List<WorkerPlacement> staying = new ArrayList<>();
        for (WorkerState worker : gang.workers()) {
            NodeState node = state.nodes().find(worker.nodeId());
            if (node != null && node.schedulable() && !mustLeave(worker, node) && mayComeBack(worker, node)) {
                staying.add(worker.placement());
            }
        }
        WorkerCount count = gang.profile().roles().getFirst().workers();
        if (staying.size() < count.min()) {
            return List.of();
        }
        int more = staying.size() - count.min();
        return staying.subList(0, staying.size() - more % Math.max(1, count.step()));
    }
}
