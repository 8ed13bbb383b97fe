package dev.interposer.ledger.check;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.Partition;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import dev.interposer.ledger.check.Finding.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What must hold in every state. */
public final class StateCheck {
    private static final int WHOLE_MILLI = 1000;

    private final State state;
    private final Map<Long, Integer> takenMilli = new HashMap<>();
    private final Map<Long, Integer> takenSlices = new HashMap<>();

    public StateCheck(State state) {
        this.state = state;
    }

    public void run(List<Finding> findings) {
        for (JobState job : state.jobs().all()) {
            if (!job.ended() && state.settings().queue(job.spec().queueName()) == null) {
                add(
                        findings,
                        Kind.DANGLING,
                        "job " + job.fullName() + " is of queue " + job.spec().queueName() + ", which is not there");
            }
            job.gangs().forEach(gang -> gang(gang, findings));
        }
        for (NodeState node : state.nodes().all()) {
            node.workers().stream()
                    .filter(worker -> worker.ended() || worker.nodeId() != node.id())
                    .forEach(worker ->
                            add(findings, Kind.DANGLING, "node " + node.name() + " still has worker " + worker.key()));
        }
        takenMilli.forEach((device, milli) -> {
            if (milli > WHOLE_MILLI) {
                add(
                        findings,
                        Kind.DEVICE_TWICE,
                        "device " + device + " is given away to " + milli + " thousandths of it");
            }
            if (takenSlices.getOrDefault(device, 0) != 0) {
                add(
                        findings,
                        Kind.DEVICE_TWICE,
                        "device " + device + " is split, and given away beside its partitions");
            }
        });
    }

    private void gang(GangState gang, List<Finding> findings) {
        boolean placed = gang.phase() == GangPhase.ASSIGNED || gang.phase() == GangPhase.RUNNING;
        String name = "gang " + gang.index() + " of job " + gang.job().fullName();
        if (placed && gang.workers().size() < least(gang)) {
            add(findings, Kind.GANG_NOT_WHOLE, name + " has " + gang.workers().size() + " workers of " + least(gang));
        }
        for (WorkerState worker : gang.workers()) {
            if (worker.ended()) {
                continue;
            }
            NodeState node = state.nodes().find(worker.nodeId());
            if (node == null || !node.workers().contains(worker)) {
                add(
                        findings,
                        Kind.DANGLING,
                        "worker " + worker.key() + " is on node " + worker.nodeId() + ", which does not have it");
                continue;
            }
            worker.placement().devices().stream().forEach(id -> take(worker, node, id, findings));
        }
    }

    private void take(WorkerState worker, NodeState node, long deviceId, List<Finding> findings) {
        AcceleratorRequest request = worker.role().accelerators();
        Device device = node.device(deviceId);
        int mask = device == null
                ? 0
                : slices(device, request.partition()) << worker.placement().start();
        int taken = takenSlices.getOrDefault(deviceId, 0);
        if ((taken & mask) != 0) {
            add(
                    findings,
                    Kind.DEVICE_TWICE,
                    "partition " + request.partition() + " of worker " + worker.key() + " lies on slices of device "
                            + deviceId + " that are not free");
        }
        takenSlices.put(deviceId, taken | mask);
        if (mask == 0) {
            takenMilli.merge(deviceId, request.shareMilli(), Integer::sum);
        }
    }

    /** Slices of a partition that starts at the first one; 0 where a device is taken as it is. */
    private int slices(Device device, String partition) {
        if (partition.equals(device.report().partition())) {
            return 0;
        }
        AcceleratorClass chipClass = state.settings().acceleratorClass(device.className());
        Partition known = chipClass == null ? null : chipClass.partition(partition);
        return known == null ? 0 : (1 << known.slots()) - 1;
    }

    private static int least(GangState gang) {
        int least = 0;
        for (Role role : gang.profile().roles()) {
            least += role.workers().min();
        }
        return least;
    }

    private static void add(List<Finding> findings, Kind kind, String words) {
        findings.add(new Finding(kind, 0, words));
    }
}
