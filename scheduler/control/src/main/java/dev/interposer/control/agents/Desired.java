package dev.interposer.control.agents;

import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.Checkpoint;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Hold;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What agents shall run, read off the state. */
public final class Desired {
    /** Grace for a worker that nobody expects, seconds. */
    private static final long HOLD_GRACE_SECONDS = 30;

    private static final int INCARNATION_ID_BITS = 40;

    private Desired() {}

    /** All that a node shall run. */
    public static NodeOrders of(State state, NodeState node) {
        List<Order> orders = new ArrayList<>();
        for (WorkerState worker : node.workers()) {
            orders.add(order(node, worker, Meeting.of(state, worker.gang())));
        }
        boolean holdUnknown = !state.settings().placementHalted().isEmpty();
        for (Hold hold : node.holds()) {
            if (isSuperseded(state, hold.key())) {
                orders.add(new Order.Release(hold.key(), HOLD_GRACE_SECONDS));
            } else {
                holdUnknown = true;
            }
        }
        return new NodeOrders(node.id(), true, holdUnknown, orders);
    }

    /** The first id of an incarnation; what the lost part of a ledger gave out lies below. */
    public static long firstId(long incarnation) {
        return incarnation << INCARNATION_ID_BITS;
    }

    /**
     * Whether a worker that nobody expects is of no use any more, so that it may be stopped: the ledger knows what has
     * become of its gang. Of a job that the lost part of a ledger has taken with it nobody can say that.
     */
    private static boolean isSuperseded(State state, WorkerKey key) {
        if (!state.settings().placementHalted().isEmpty()) {
            return false;
        }
        JobState job = state.jobs().find(key.jobId());
        if (job == null) {
            long incarnation = state.settings().incarnation();
            return incarnation <= 1 || key.jobId() >= firstId(incarnation);
        }
        boolean known = key.gang() >= 0 && key.gang() < job.gangs().size();
        GangState gang = known ? job.gangs().get(key.gang()) : null;
        return gang == null || key.attempt() <= gang.attempt() || !gang.phase().holdsDevices();
    }

    /** What the entries of one page, already applied to the state, change for the nodes. */
    public static List<NodeOrders> changes(State state, List<Entry> entries) {
        Set<GangState> touched = new LinkedHashSet<>();
        Set<Long> holding = new LinkedHashSet<>();
        Map<Long, List<Order>> byNode = new TreeMap<>();
        for (Entry entry : entries) {
            switch (entry.event()) {
                case JobEvent.GangAssigned assigned -> touch(state, assigned.jobId(), assigned.gang(), touched);
                case JobEvent.GangStopping stopping -> touch(state, stopping.jobId(), stopping.gang(), touched);
                case FleetEvent.NodeReturned returned -> holding.add(returned.nodeId());
                case SettingEvent.PlacementHalted halted ->
                    state.nodes().all().stream()
                            .filter(node -> !node.holds().isEmpty())
                            .forEach(node -> holding.add(node.id()));
                default -> {
                    // Nothing else asks an agent to do anything.
                }
            }
        }
        holding.forEach(id -> releaseHolds(state, state.nodes().find(id), byNode));
        for (GangState gang : touched) {
            Meeting meeting = Meeting.of(state, gang);
            for (WorkerState worker : gang.workers()) {
                NodeState node = state.nodes().find(worker.nodeId());
                if (!worker.ended() && node != null) {
                    byNode.computeIfAbsent(node.id(), id -> new ArrayList<>()).add(order(node, worker, meeting));
                }
            }
        }
        List<NodeOrders> all = new ArrayList<>();
        byNode.forEach((node, orders) -> all.add(new NodeOrders(node, false, false, orders)));
        return all;
    }

    private static void releaseHolds(State state, @Nullable NodeState node, Map<Long, List<Order>> byNode) {
        if (node != null) {
            for (Hold hold : node.holds()) {
                if (isSuperseded(state, hold.key())) {
                    byNode.computeIfAbsent(node.id(), id -> new ArrayList<>())
                            .add(new Order.Release(hold.key(), HOLD_GRACE_SECONDS));
                }
            }
        }
    }

    private static void touch(State state, long jobId, int gang, Set<GangState> touched) {
        JobState job = state.jobs().find(jobId);
        if (job != null) {
            touched.add(job.gangs().get(gang));
        }
    }

    private static Order order(NodeState node, WorkerState worker, Meeting meeting) {
        GangState gang = worker.gang();
        if (gang.phase() == GangPhase.STOPPING) {
            return new Order.Release(worker.key(), gang.graceSeconds());
        }
        JobState job = gang.job();
        List<String> names = worker.placement().devices().stream()
                .mapToObj(node::device)
                .filter(Objects::nonNull)
                .map(Device::report)
                .map(report -> report.name())
                .toList();
        return new Order.Assign(
                worker.key(),
                job.namespace(),
                job.name(),
                gang.profile().name(),
                gang.className(),
                worker.role().name(),
                gang.workers().size(),
                names,
                worker.role().accelerators().shareMilli(),
                worker.role().accelerators().partition(),
                worker.placement().start(),
                worker.role().requests(),
                worker.role().container(),
                graceSeconds(job.spec()),
                selfFenceSeconds(job.spec()),
                checkpointSignal(job.spec()),
                meeting.of(worker.index()),
                meeting.begun());
    }

    /** Time between the asking and the killing, as the job says. */
    public static long graceSeconds(JobSpec spec) {
        return spec.preemption().graceSeconds();
    }

    private static String checkpointSignal(JobSpec spec) {
        Checkpoint checkpoint = spec.training() == null ? null : spec.training().checkpoint();
        return checkpoint == null ? "" : checkpoint.signal();
    }

    private static long selfFenceSeconds(JobSpec spec) {
        FailurePolicy policy = failurePolicy(spec);
        return policy.onNodeLost() == FailurePolicy.OnNodeLost.SELF_FENCE ? policy.leaseSeconds() : 0;
    }

    /** As the job says, or the default. */
    public static FailurePolicy failurePolicy(JobSpec spec) {
        return spec.training() == null ? FailurePolicy.DEFAULT : spec.training().failurePolicy();
    }
}
