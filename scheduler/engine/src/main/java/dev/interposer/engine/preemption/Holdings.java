package dev.interposer.engine.preemption;

import dev.interposer.engine.fairness.QueueNode;
import dev.interposer.engine.fairness.QueueTree;
import dev.interposer.engine.fairness.Take;
import dev.interposer.engine.fit.Demands;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.state.GangState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What gangs take of the fleet and of their queues, in one place so that the two never disagree. Taking and giving back
 * are exact inverses.
 */
public final class Holdings {
    private final Fleet fleet;
    private final Demands demands;
    private QueueTree tree;

    public Holdings(Fleet fleet, Demands demands, QueueTree tree) {
        this.fleet = fleet;
        this.demands = demands;
        this.tree = tree;
    }

    public void follow(QueueTree changed) {
        tree = changed;
    }

    public QueueTree tree() {
        return tree;
    }

    public Fleet fleet() {
        return fleet;
    }

    /** Between its true and its false all that is given back is taken again: nobody who waits need look at it. */
    public void trying(boolean begins) {
        tree.trying(begins);
    }

    /** Takes what one worker of a place takes. */
    public void take(GangState gang, Placement place, WorkerPlacement worker) {
        WorkerRequest request = request(gang, place.profile(), worker.role());
        count(takeOf(gang, place, worker, request), true);
        int node = fleet.nodeSlot(worker.nodeId());
        if (node >= 0) {
            fleet.bind(node, worker, request);
        }
    }

    public void giveBack(GangState gang, Placement place, WorkerPlacement worker) {
        WorkerRequest request = request(gang, place.profile(), worker.role());
        int node = fleet.nodeSlot(worker.nodeId());
        if (node >= 0) {
            fleet.release(node, worker, request);
        }
        count(takeOf(gang, place, worker, request), false);
    }

    public void takeAll(GangState gang, Placement place) {
        for (WorkerPlacement worker : place.workers()) {
            take(gang, place, worker);
        }
    }

    public void giveBackAll(GangState gang, Placement place) {
        for (WorkerPlacement worker : place.workers()) {
            giveBack(gang, place, worker);
        }
    }

    /** What the queue alone counts of a worker: its devices. */
    public void count(GangState gang, Placement place, WorkerPlacement worker, boolean taken) {
        count(takeOf(gang, place, worker, request(gang, place.profile(), worker.role())), taken);
    }

    private void count(@Nullable Take take, boolean taken) {
        if (take != null && taken) {
            tree.use(take);
        } else if (take != null) {
            tree.free(take);
        }
    }

    /** That a place is only kept, and nothing of the gang runs there; or does so no more. */
    public void keep(GangState gang, Placement place, boolean kept) {
        for (WorkerPlacement worker : place.workers()) {
            Take take = takeOf(gang, place, worker, request(gang, place.profile(), worker.role()));
            if (take != null) {
                tree.keep(take, kept);
            }
        }
    }

    private @Nullable Take takeOf(GangState gang, Placement place, WorkerPlacement worker, WorkerRequest request) {
        QueueNode queue = tree.of(gang.job());
        if (queue == null || worker.devices().size() == 0) {
            return null;
        }
        int chipClass = fleet.classNumber(place.className());
        long milli = (long) worker.devices().size() * fleet.countedMilli(request, chipClass);
        return new Take(queue, gang.job().userName(), chipClass, milli);
    }

    /** Whether everything in a place is there, sound, and taken by nobody but the gang that has taken the place. */
    public boolean fits(GangState gang, Placement place) {
        List<WorkerPlacement> workers = place.workers();
        for (int index = 0; index < workers.size(); index++) {
            WorkerPlacement worker = workers.get(index);
            int node = fleet.nodeSlot(worker.nodeId());
            WorkerRequest request = request(gang, place.profile(), worker.role());
            if (node < 0 || fleet.overcommitted(node, worker.devices(), request)) {
                return false;
            }
        }
        return true;
    }

    public WorkerRequest request(GangState gang, int profile, int role) {
        return demands.of(gang.job().specId(), gang.job().spec())
                .profiles()
                .get(profile)
                .roles()
                .get(role);
    }
}
