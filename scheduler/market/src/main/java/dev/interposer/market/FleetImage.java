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

    /** One node. {@code seller} is what it is counted under. */
    record NodeImage(
            long id,
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

    public static FleetImage of(State state) {
        Settings settings = state.settings();
        List<SettingEvent> objects = new ArrayList<>();
        settings.suppliers().forEach(supplier -> objects.add(new SettingEvent.SupplierApplied(supplier)));
        settings.classes().forEach(chipClass -> objects.add(new SettingEvent.ClassApplied(chipClass)));
        settings.queues().forEach(queue -> objects.add(new SettingEvent.QueueApplied(queue)));
        settings.policies().forEach(policy -> objects.add(new SettingEvent.PolicyApplied(policy)));
        objects.add(new SettingEvent.PricesPublished(settings.priceEpoch(), settings.pricesMilli()));
        List<NodeImage> nodes = new ArrayList<>();
        for (NodeState node : state.nodes().all()) {
            nodes.add(new NodeImage(
                    node.id(),
                    node.info(),
                    List.copyOf(node.devices()),
                    node.phase(),
                    node.cordoned(),
                    node.holds(),
                    Origins.sellerOf(node.info(), settings)));
        }
        List<JobImage> jobs = new ArrayList<>();
        for (JobState job : state.jobs().all()) {
            JobImage image = job.ended() || job.cancelRequested() ? null : job(job, settings);
            if (image != null) {
                jobs.add(image);
            }
        }
        return new FleetImage(state.revision(), state.atMicros(), objects, nodes, jobs);
    }

    private static @Nullable JobImage job(JobState job, Settings settings) {
        List<GangImage> gangs = new ArrayList<>();
        for (GangState gang : job.gangs()) {
            // What is being stopped is on its way out.
            if (gang.liveWorkers() > 0
                    && gang.stopCause() == null
                    && !gang.className().isEmpty()) {
                gangs.add(gang(gang, settings));
            }
        }
        return gangs.isEmpty()
                ? null
                : new JobImage(job.id(), job.fullName(), job.specId(), job.spec(), job.priority(), gangs);
    }

    private static GangImage gang(GangState gang, Settings settings) {
        AcceleratorClass chipClass = settings.acceleratorClass(gang.className());
        List<WorkerPlacement> workers = new ArrayList<>();
        long milli = 0;
        for (WorkerState worker : gang.workers()) {
            if (!worker.ended()) {
                workers.add(worker.placement());
                milli += (long) worker.placement().devices().size()
                        * ChipShare.of(chipClass, worker.role().accelerators());
            }
        }
        return new GangImage(gang.profileIndex(), gang.className(), workers, milli);
    }
}
