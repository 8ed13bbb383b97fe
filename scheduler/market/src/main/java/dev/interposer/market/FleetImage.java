package dev.interposer.market;

import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.Hold;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.sourcing.ChipShare;
import dev.interposer.engine.sourcing.Origins;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.Settings;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A flat copy of what runs where: immutable values only, so that a state may move on while somebody reckons with it.
 *
 * @param revision of the state
 * @param atMicros its time
 * @param objects events that make suppliers, classes, queues and policies
 * @param nodes in the order of their coming
 * @param jobs with what runs of them, in the order of their submission
 */
public record FleetImage(
        long revision, long atMicros, List<SettingEvent> objects, List<NodeImage> nodes, List<JobImage> jobs) {
    public FleetImage {
        objects = List.copyOf(objects);
        nodes = List.copyOf(nodes);
        jobs = List.copyOf(jobs);
    }

    /** One node at the revision of its last change. {@code seller} is what it is counted under. */
    record NodeImage(
            long id,
            long revision,
            NodeInfo info,
            List<Device> devices,
            NodePhase phase,
            boolean cordoned,
            List<Hold> holds,
            String seller) {
        NodeImage {
            devices = List.copyOf(devices);
            holds = List.copyOf(holds);
        }
    }

    /** A job of which something runs. */
    record JobImage(long id, String fullName, long specId, JobSpec spec, int priority, List<GangImage> gangs) {
        JobImage {
            gangs = List.copyOf(gangs);
        }
    }

    /** A gang that runs, with its live workers and the thousandths of chips that they take. */
    record GangImage(int profile, String className, List<WorkerPlacement> workers, long milli) {
        GangImage {
            workers = List.copyOf(workers);
        }
    }

    /** A copy of a state as it is. */
    public static FleetImage of(State state) {
        return of(state, OpenWork.of(state).running(), List.of());
    }

    /**
     * A copy of a state as it is.
     *
     * @param running the gangs that run there, in the order of their jobs
     * @param before nodes of an older copy of the same state; those that have not changed since are taken over
     */
    static FleetImage of(State state, List<GangState> running, List<NodeImage> before) {
        Settings settings = state.settings();
        List<SettingEvent> objects = new ArrayList<>();
        settings.suppliers().forEach(supplier -> objects.add(new SettingEvent.SupplierApplied(supplier)));
        settings.classes().forEach(chipClass -> objects.add(new SettingEvent.ClassApplied(chipClass)));
        settings.queues().forEach(queue -> objects.add(new SettingEvent.QueueApplied(queue)));
        settings.policies().forEach(policy -> objects.add(new SettingEvent.PolicyApplied(policy)));
        objects.add(new SettingEvent.PricesPublished(settings.priceEpoch(), settings.pricesMilli()));
        return new FleetImage(
                state.revision(), state.atMicros(), objects, nodes(state, before), jobs(running, settings));
    }

    private static List<NodeImage> nodes(State state, List<NodeImage> before) {
        List<NodeImage> nodes = new ArrayList<>();
        Iterator<NodeImage> older = before.iterator();
        NodeImage old = null;
        for (NodeState node : state.nodes().all()) {
            while (older.hasNext() && (old == null || old.id() < node.id())) {
                old = older.next();
            }
            String seller = Origins.sellerOf(node.info(), state.settings());
            boolean same = old != null
                    && old.id() == node.id()
                    && old.revision() == node.revision()
                    && old.seller().equals(seller);
            nodes.add(same ? old : node(node, seller));
        }
        return nodes;
    }

    private static NodeImage node(NodeState node, String seller) {
        return new NodeImage(
                node.id(),
                node.revision(),
                node.info(),
                List.copyOf(node.devices()),
                node.phase(),
                node.cordoned(),
                node.holds(),
                seller);
    }

    private static List<JobImage> jobs(List<GangState> running, Settings settings) {
        List<JobImage> jobs = new ArrayList<>();
        int from = 0;
        while (from < running.size()) {
            JobState job = running.get(from).job();
            List<GangImage> gangs = new ArrayList<>();
            int at = from;
            for (; at < running.size() && running.get(at).job() == job; at++) {
                GangState gang = running.get(at);
                // What is being stopped is on its way out.
                if (gang.stopCause() == null && !gang.className().isEmpty()) {
                    gangs.add(gang(gang, settings));
                }
            }
            if (!gangs.isEmpty() && !job.cancelRequested()) {
                jobs.add(new JobImage(job.id(), job.fullName(), job.specId(), job.spec(), job.priority(), gangs));
            }
            from = at;
        }
        return jobs;
    }

    private static GangImage gang(GangState gang, Settings settings) {
        AcceleratorClass chipClass = settings.acceleratorClass(gang.className());
        List<WorkerPlacement> workers = gang.workers().stream()
                .filter(worker -> !worker.ended())
                .map(WorkerState::placement)
                .toList();
        return new GangImage(gang.profileIndex(), gang.className(), workers, milliOf(gang, chipClass));
    }

    /** Thousandths of chips that its live workers take. */
    static long milliOf(GangState gang, @Nullable AcceleratorClass chipClass) {
        long milli = 0;
        for (WorkerState worker : gang.workers()) {
            milli += worker.ended()
                    ? 0
                    : (long) worker.placement().devices().size()
                            * ChipShare.of(chipClass, worker.role().accelerators());
        }
        return milli;
    }
}
