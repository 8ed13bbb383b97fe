package dev.interposer.tests.benchmark;

import dev.interposer.engine.fit.Demand;
import dev.interposer.engine.fit.Demand.ProfileDemand;
import dev.interposer.engine.fit.Demand.ProfileDemand.ClassOption;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.placement.BestFit;
import dev.interposer.engine.placement.Bounds;
import dev.interposer.engine.placement.GangPlacer;
import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Placing alone, without backlog and state: each operation releases a gang and places another of the same shape, on a
 * fleet that is 95 % full.
 */
final class PlaceScene implements Operated {
    private static final int MOST_MISSES = 200;
    private static final long FULL_MILLI = 50;

    private final Fleet fleet = new Fleet();
    private final GangPlacer placer = new GangPlacer(fleet, new BestFit());
    private final List<Bound> running = new ArrayList<>();
    private final SplittableRandom random;
    private final int devices;
    private long placements;
    private long workers;
    private long tries;

    /** A gang in its place. */
    private record Bound(ProfileDemand demand, Placement placement) {}

    PlaceScene(int nodes, long seed) {
        this.random = new SplittableRandom(seed);
        this.devices = nodes * 8;
        State state = new State();
        FleetScene.build(nodes, event -> state.apply(state.revision() + 1, state.atMicros() + 1, event));
        fleet.describe(state.settings().classes());
        state.nodes().all().forEach(fleet::put);
        List<ProfileDemand> shapes = new ArrayList<>();
        for (JobSpec spec : new WorkMix(seed, List.of("queue")).specs()) {
            shapes.add(Demand.of(spec, state.settings(), fleet).profiles().getFirst());
        }
        int misses = 0;
        while (freeMilli() > FULL_MILLI && misses < MOST_MISSES) {
            misses = start(shapes.get(random.nextInt(shapes.size()))) ? 0 : misses + 1;
        }
    }

    @Override
    public void operate() {
        int index = random.nextInt(running.size());
        Bound gang = running.get(index);
        running.set(index, running.getLast());
        running.removeLast();
        for (WorkerPlacement worker : gang.placement().workers()) {
            fleet.release(worker, gang.demand().roles().get(worker.role()));
        }
        if (!start(gang.demand())) {
            throw new IllegalStateException("what was there before has no place");
        }
    }

    @Override
    public long placements() {
        return placements;
    }

    @Override
    public long workers() {
        return workers;
    }

    @Override
    public long freeMilli() {
        long free = 0;
        for (String name : FleetScene.CLASSES) {
            free += fleet.freeTotal(fleet.classNumber(name));
        }
        return free * 1000 / devices;
    }

    private boolean start(ProfileDemand demand) {
        Placement placement = place(demand);
        if (placement == null) {
            return false;
        }
        for (WorkerPlacement worker : placement.workers()) {
            fleet.bind(worker, demand.roles().get(worker.role()));
        }
        running.add(new Bound(demand, placement));
        placements++;
        workers += placement.workers().size();
        return true;
    }

    private @Nullable Placement place(ProfileDemand demand) {
        for (ClassOption option : demand.classes()) {
            tries++;
            Placement placement = placer.place(demand, option, Bounds.NONE);
            if (placement != null) {
                return placement;
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return tries + " tries, " + running.size() + " gangs run";
    }
}
