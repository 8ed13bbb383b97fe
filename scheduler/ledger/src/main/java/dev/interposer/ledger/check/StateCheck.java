package dev.interposer.ledger.check;

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
            int milli = worker.role().accelerators().shareMilli();
            worker.placement().devices().stream().forEach(id -> takenMilli.merge(id, milli, Integer::sum));
        }
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
