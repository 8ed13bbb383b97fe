package dev.interposer.engine.plan;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.explain.Explainer;
import dev.interposer.engine.explain.Explanation;
import dev.interposer.engine.fit.Demand;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.order.Backlog;
import dev.interposer.engine.order.Shape;
import dev.interposer.engine.placement.BestFit;
import dev.interposer.engine.placement.Bounds;
import dev.interposer.engine.placement.GangPlacer;
import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.placement.PlacementPolicy;
import dev.interposer.engine.placement.Spread;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.StateObserver;
import dev.interposer.engine.state.WorkerState;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides what starts where.
 *
 * <p><b>Goals.</b> Start what can start, in the order of priority and arrival, at the lowest price.
 *
 * <p><b>Constraints.</b> The same state gives the same decisions. A decision changes nothing by itself: it is an
 * event, and the sink applies it to the state before it returns.
 *
 * <p><b>Algorithm.</b> The first ready shape of the backlog, its longest waiting gang; the profiles by price of the
 * smallest gang, then as written; the first that finds a place wins. A shape without one is set aside until a class
 * that it admits gets room.
 */
public final class Scheduler implements StateObserver {
    /** Demands are only a cache: above so many they are made again as needed. */
    private static final int MOST_DEMANDS = 4096;

    private final State state;
    private final Fleet fleet = new Fleet();
    private final Backlog backlog = new Backlog();
    private final GangPlacer placer;
    private final Map<Long, Demand> demands = new HashMap<>();
    private final BitSet roomier = new BitSet();
    private boolean everythingChanged;

    /** Follows a state from here on; what is there already is taken in. */
    public static Scheduler following(State state) {
        return following(state, new BestFit());
    }

    public static Scheduler following(State state, PlacementPolicy policy) {
        Scheduler scheduler = new Scheduler(state, policy);
        scheduler.fleet.describe(state.settings().classes());
        state.nodes().all().forEach(scheduler::nodeChanged);
        state.jobs()
                .all()
                .forEach(job ->
                        job.gangs().stream().filter(gang -> gang.eligible()).forEach(scheduler::gangWaiting));
        state.observe(scheduler);
        return scheduler;
    }

    private Scheduler(State state, PlacementPolicy policy) {
        this.state = state;
        this.placer = new GangPlacer(fleet, policy);
    }

    /**
     * Decides until nothing more fits.
     *
     * @param most no more assignments than this
     * @param sink applies the event to the state
     * @return number of assignments
     */
    public int decide(int most, Consumer<JobEvent.GangAssigned> sink) {
        if (!state.settings().placementHalted().isEmpty()) {
            return 0;
        }
        wakeConcerned();
        int assigned = 0;
        while (assigned < most) {
            Shape shape = backlog.first();
            if (shape == null) {
                break;
            }
            Placement placement = open(shape.spec().queueName()) ? place(shape.head(), demandOf(shape)) : null;
            if (placement == null) {
                backlog.setAside(shape);
            } else {
                sink.accept(assignment(shape.head(), placement));
                assigned++;
            }
        }
        return assigned;
    }

    /** Whether a call of {@link #decide} could find something to do. */
    public boolean hasWork() {
        boolean changed = everythingChanged || !roomier.isEmpty();
        return state.settings().placementHalted().isEmpty()
                && backlog.size() > 0
                && (changed || backlog.first() != null);
    }

    /** Why a gang that waits does so. */
    public Explanation explain(GangState gang) {
        return new Explainer(state, fleet, placer).explain(gang, demandOf(gang), backlog.position(gang));
    }

    /** The shapes of waiting gangs that come first; what is said of one holds for all its gangs. */
    public List<Shape> waiting(int most) {
        return backlog.first(most);
    }

    public int waitingGangs() {
        return backlog.size();
    }

    /** The arrays, to be read only. */
    public Fleet fleet() {
        return fleet;
    }

    private JobEvent.GangAssigned assignment(GangState gang, Placement placement) {
        return new JobEvent.GangAssigned(
                gang.job().id(),
                gang.index(),
                gang.attempt() + 1,
                placement.profile(),
                placement.className(),
                placement.workers(),
                state.settings().priceEpoch());
    }

    private @Nullable Placement place(GangState gang, Demand demand) {
        Bounds bounds = new Bounds(Integer.MAX_VALUE, Spread.of(gang));
        return demand.profiles().stream()
                .sorted((a, b) -> Long.compare(price(a), price(b)))
                .map(profile -> place(profile, bounds))
                .filter(placement -> placement != null)
                .findFirst()
                .orElse(null);
    }

    private @Nullable Placement place(Demand.ProfileDemand profile, Bounds bounds) {
        if (placer.classless(profile)) {
            return placer.place(profile, null, bounds);
        }
        for (Demand.ProfileDemand.ClassOption option : profile.classes()) {
            Placement placement = placer.place(profile, option, bounds);
            if (placement != null) {
                return placement;
            }
        }
        return null;
    }

    /** Price of the smallest gang on the cheapest class that it admits. */
    private static long price(Demand.ProfileDemand demand) {
        return demand.classes().isEmpty() ? 0 : demand.classes().getFirst().priceMilli() * demand.minDevices();
    }

    private boolean open(String queueName) {
        JobQueue queue = state.settings().queue(queueName);
        return queue != null && queue.state() == QueueState.OPEN;
    }

    private Demand demandOf(Shape shape) {
        return demands.computeIfAbsent(shape.specId(), id -> Demand.of(shape.spec(), state.settings(), fleet));
    }

    private Demand demandOf(GangState gang) {
        return demands.computeIfAbsent(
                gang.job().specId(), id -> Demand.of(gang.job().spec(), state.settings(), fleet));
    }

    private void wakeConcerned() {
        if (everythingChanged) {
            backlog.wake(shape -> true);
        } else if (!roomier.isEmpty()) {
            backlog.wake(shape -> {
                Demand demand = demandOf(shape);
                return roomier.stream().anyMatch(demand::concerns);
            });
        }
        everythingChanged = false;
        roomier.clear();
    }

    // ---- following the state

    @Override
    public void settingsChanged() {
        demands.clear();
        everythingChanged = true;
        if (fleet.describe(state.settings().classes())) {
            state.nodes().all().forEach(this::nodeChanged);
        }
    }

    @Override
    public void nodeChanged(NodeState node) {
        fleet.put(node);
        node.workers().forEach(worker -> workerBound(worker.gang(), worker));
        everythingChanged = true;
    }

    @Override
    public void nodeRemoved(NodeState node) {
        fleet.remove(node.id());
    }

    @Override
    public void deviceHealthChanged(NodeState node, long deviceId) {
        node.devices().stream()
                .filter(device -> device.id() == deviceId)
                .forEach(device -> fleet.health(node.id(), device));
        everythingChanged = true;
    }

    @Override
    public void workerBound(GangState gang, WorkerState worker) {
        fleet.bind(worker.placement(), requestOf(gang, worker));
    }

    @Override
    public void workerReleased(GangState gang, WorkerState worker) {
        fleet.release(worker.placement(), requestOf(gang, worker));
        int node = fleet.nodeSlot(worker.nodeId());
        for (int device = 0; device < fleet.deviceCount(node); device++) {
            if (fleet.deviceClass(node, device) >= 0) {
                roomier.set(fleet.deviceClass(node, device));
            }
        }
        everythingChanged |= fleet.deviceCount(node) == 0;
    }

    @Override
    public void gangWaiting(GangState gang) {
        backlog.add(gang);
    }

    @Override
    public void gangNotWaiting(GangState gang) {
        backlog.remove(gang);
        if (demands.size() > MOST_DEMANDS) {
            demands.clear();
        }
    }

    private WorkerRequest requestOf(GangState gang, WorkerState worker) {
        return demandOf(gang)
                .profiles()
                .get(gang.profileIndex())
                .roles()
                .get(worker.placement().role());
    }
}
