package dev.interposer.engine.preemption;

import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.List;

/**
 * A gang that is asked to leave, or to go on with fewer workers.
 *
 * @param gang it holds devices
 * @param keep how many of its workers stay, the first ones by rank; 0 when it leaves as a whole
 * @param price what it costs to ask it; less is better
 */
public record Leave(GangState gang, int keep, long price) {
    /** What it gives back. */
    public Placement gone() {
        List<WorkerPlacement> workers = new ArrayList<>();
        for (WorkerState worker : gang.workers()) {
            if (worker.index() >= keep && !worker.ended()) {
                workers.add(worker.placement());
            }
        }
        return new Placement(gang.profileIndex(), gang.className(), workers);
    }

    /** What it keeps. */
    public Placement kept() {
        List<WorkerPlacement> workers =
                gang.workers().stream().limit(keep).map(WorkerState::placement).toList();
        return new Placement(gang.profileIndex(), gang.className(), workers);
    }
}
