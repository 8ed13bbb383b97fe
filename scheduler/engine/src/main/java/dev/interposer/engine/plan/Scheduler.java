package dev.interposer.engine.plan;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.explain.Explainer;
import dev.interposer.engine.explain.Explanation;
import dev.interposer.engine.fairness.QueueNode;
import dev.interposer.engine.fairness.QueueTree;
import dev.interposer.engine.fit.Demand;
import dev.interposer.engine.fit.Demands;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.ReservationCause;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.order.Backlog;
import dev.interposer.engine.order.Blocker;
import dev.interposer.engine.order.Shape;
import dev.interposer.engine.placement.BestFit;
import dev.interposer.engine.placement.GangPlacer;
import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.placement.PlacementPolicy;
import dev.interposer.engine.preemption.Clearing;
import dev.interposer.engine.preemption.Holdings;
import dev.interposer.engine.sourcing.Sourcing;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.StateObserver;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Decides what starts where.
 *
 * <p><b>Goals.</b> Start what can start, in the order of precedence, at the lowest price.
 *
 * <p><b>Constraints.</b> The same state gives the same decisions. A decision changes nothing by itself: it is an
 * event, and the sink applies it to the state before it returns.
 *
 * <p><b>Algorithm.</b> The precedence, from the first rule to the last:
 *
 * <ol>
 *   <li>safety: only sound devices, each given once, a gang whole ({@link GangPlacer}, {@link Fleet});
 *   <li>limits of queues and users, and hard caps of policies, checked at the start ({@link QueueTree#refusal}, {@link
 *       Sourcing#blocks});
 *   <li>guarantees before what is borrowed ({@code Tournament}), by eviction where need be ({@link Rounds});
 *   <li>places that are kept: a gang that has waited for one starts when it is ready ({@link Reservations}), and others
 *       are let in there only if they will be gone in time;
 *   <li>inside a band the queue that has used least for its weight ({@code Tournament});
 *   <li>the cheapest profile and class that has a place ({@link Starter}), the tightest place ({@link BestFit}).
 * </ol>
 */
public final class Scheduler implements StateObserver {
    private final State state;
    private final Fleet fleet = new Fleet();
    private final Demands demands;
    private final GangPlacer placer;
    private final Holdings holdings;
    private final Backlog backlog;
    private final Sourcing sourcing;
    private final Starter starter;
    private final Reservations reservations;
    private final KeptPlaces keptPlaces;
    private final Explainer explainer;
    private final Rounds rounds;
    private boolean queuesChanged = true;
    private boolean demandsChanged = true;

    /** Follows a state from here on; what is there already is taken in. */
    public static Scheduler following(State state) {
        return following(state, new BestFit());
    }

    public static Scheduler following(State state, PlacementPolicy policy) {
        Scheduler scheduler = new Scheduler(state, policy);
        scheduler.fleet.describe(state.settings().classes());
        state.nodes().all().forEach(scheduler::nodeChanged);
        for (JobState job : state.jobs().all()) {
            for (GangState gang : job.gangs()) {
                if (gang.eligible()) {
                    scheduler.gangWaiting(gang);
                }
                if (gang.liveWorkers() > 0) {
                    scheduler.rounds.countRunning(gang, 1);
                }
                if (gang.phase() == GangPhase.STOPPING) {
                    scheduler.rounds.leaving(gang);
                }
                Reservation reservation = gang.reservation();
                if (reservation != null) {
                    scheduler.gangReserved(gang, reservation);
                }
            }
        }
        state.observe(scheduler);
        return scheduler;
    }

    private Scheduler(State state, PlacementPolicy policy) {
        this.state = state;
        this.demands = new Demands(state.settings(), fleet);
        this.placer = new GangPlacer(fleet, policy);
        this.holdings = new Holdings(fleet, demands, QueueTree.of(state.settings(), fleet));
        this.backlog = new Backlog(
                fleet,
                this::guaranteed,
                gang -> demands.number(gang.job().specId(), gang.job().spec()));
        this.sourcing = Sourcing.following(state, fleet::className);
        this.starter = new Starter(demands, holdings, placer, sourcing);
        this.reservations = new Reservations(holdings);
        this.keptPlaces = new KeptPlaces(reservations, starter);
        this.explainer = new Explainer(state, holdings, placer, keptPlaces, sourcing);
        Clearing clearing = new Clearing(state, holdings, placer);
        this.rounds = new Rounds(state, backlog, holdings, keptPlaces, clearing);
    }

    /** As {@link #decide(long, int, Consumer)}, at the time of the last event. */
    public int decide(int most, Consumer<JobEvent> sink) {
        return decide(state.atMicros(), most, sink);
    }

    /**
     * Decides until nothing more fits.
     *
     * @param nowMicros time of the page that is being formed
     * @param most about so many events
     * @param sink applies the event to the state
     * @return number of events; 0 when there is nothing to do
     */
    public int decide(long nowMicros, int most, Consumer<JobEvent> sink) {
        int events = start(nowMicros, most, sink);
        if (events < most && state.settings().placementHalted().isEmpty() && rounds.due(nowMicros)) {
            events += rounds.run(nowMicros, sink);
        }
        return events;
    }

    /** Starts what has room as things are: nobody is asked to leave and no place is kept. Else as {@link #decide}. */
    public int start(long nowMicros, int most, Consumer<JobEvent> sink) {
        if (!state.settings().placementHalted().isEmpty()) {
            return 0;
        }
        refresh();
        sourcing.at(nowMicros);
        for (Reservations.Kept one : reservations.openTo(nowMicros)) {
            one.reservation().workers().forEach(worker -> backlog.released(worker.nodeId(), true));
        }
        int events = 0;
        while (events < most) {
            Reservations.Kept kept = reservations.ready();
            if (kept != null) {
                sink.accept(startInPlace(kept));
                events++;
                continue;
            }
            Shape shape = backlog.first();
            if (shape == null) {
                break;
            }
            events += start(shape, nowMicros, sink);
        }
        return events;
    }

    /**
     * Holds a round again that was held before: who is evicted, shrunk or grown, and which places are kept. It begins
     * where {@link #start} finds nothing more.
     *
     * @param served for whom something came of it
     * @return number of events
     */
    public int roundAgain(long nowMicros, Predicate<GangState> served, Consumer<JobEvent> sink) {
        refresh();
        sourcing.at(nowMicros);
        return state.settings().placementHalted().isEmpty() ? rounds.again(nowMicros, served, sink) : 0;
    }

    /** Whether a call of {@link #decide} could find something to do, rounds aside. */
    public boolean hasWork() {
        if (!state.settings().placementHalted().isEmpty()) {
            return false;
        }
        refresh();
        return reservations.mayBeReady() || (backlog.size() > 0 && (reservations.anyToOpen() || backlog.hasFirst()));
    }

    /** When {@link #decide} wants to look at more than what is free; the greatest long for never. */
    public long nextRoundMicros() {
        return state.settings().placementHalted().isEmpty() ? rounds.nextMicros() : Long.MAX_VALUE;
    }

    /** Why a gang that waits does so. */
    public Explanation explain(GangState gang) {
        refresh();
        Demand demand = demands.of(gang.job().specId(), gang.job().spec());
        return explainer.explain(gang, demand, backlog.position(gang));
    }

    /** The shapes of waiting gangs that come first; what is said of one holds for all its gangs. */
    public List<Shape> waiting(int most) {
        refresh();
        return backlog.first(most);
    }

    public int waitingGangs() {
        return backlog.size();
    }

    /** The arrays, to be read only. */
    public Fleet fleet() {
        return fleet;
    }

    /** The queues and what they use, to be read only. */
    public QueueTree queues() {
        refresh();
        return holdings.tree();
    }

    private int start(Shape shape, long nowMicros, Consumer<JobEvent> sink) {
        GangState gang = shape.head();
        QueueNode queue = backlog.queueOf(shape);
        Placement placement = queue == null ? null : starter.find(gang, queue);
        if (placement == null && queue != null && starter.lacksRoom() && !reservations.isEmpty()) {
            List<Blocker> blockers = new ArrayList<>(starter.blockers());
            // Beside a limit that a kept place fills, room may be what it lacks.
            starter.optionsOf(gang).forEach(option -> blockers.add(option.room()));
            placement = keptPlaces.find(gang, queue, nowMicros, sink);
            if (placement == null) {
                backlog.setAside(shape, blockers);
                return 0;
            }
        }
        if (placement == null) {
            backlog.setAside(shape, starter.blockers());
            return 0;
        }
        sink.accept(assignment(gang, placement));
        return 1;
    }

    /** Its queue may be held by now, or a cap reached; what was cleared for the gang counts there already. */
    private JobEvent startInPlace(Reservations.Kept kept) {
        GangState gang = kept.gang();
        Placement place = kept.place();
        boolean cleared = kept.reservation().cause() != ReservationCause.LONGEST_WAIT;
        long milli = 0;
        for (WorkerPlacement worker : cleared ? List.<WorkerPlacement>of() : place.workers()) {
            milli += (long) worker.devices().size()
                    * fleet.countedMilli(
                            holdings.request(gang, place.profile(), worker.role()),
                            fleet.classNumber(place.className()));
        }
        boolean blocked = reservations.isHeld(kept)
                || sourcing.blocks(gang.job(), fleet.classNumber(place.className()), milli) != null;
        return blocked ? new JobEvent.ReservationDropped(gang.job().id(), gang.index()) : assignment(gang, place);
    }

    private JobEvent.GangAssigned assignment(GangState gang, Placement placement) {
        return new JobEvent.GangAssigned(
                gang.job().id(),
                gang.index(),
                Math.max(gang.attempt() + 1, state.settings().firstAttempt()),
                placement.profile(),
                placement.className(),
                placement.workers(),
                state.settings().priceEpoch());
    }

    private boolean guaranteed(QueueNode queue, Shape shape) {
        List<StartOption> options = starter.optionsOf(shape.need());
        for (int index = 0; index < options.size(); index++) {
            StartOption option = options.get(index);
            if (holdings.tree().guaranteed(queue, option.classNumber(), option.minMilli())) {
                return true;
            }
        }
        return false;
    }

    /** Many objects come in one page; what follows from them is made once. */
    private void refresh() {
        if (demandsChanged) {
            demandsChanged = false;
            if (fleet.describe(state.settings().classes())) {
                state.nodes().all().forEach(this::nodeChanged);
            }
            demands.refresh();
            starter.refresh();
        }
        if (queuesChanged) {
            queuesChanged = false;
            QueueTree tree = QueueTree.of(state.settings(), fleet);
            holdings.follow(tree);
            for (JobState job : state.jobs().all()) {
                if (job.placedGangs() > 0) {
                    countAgain(job, tree);
                }
            }
            reservations.countAgain();
            boolean replicasBound = state.settings().policies().stream()
                    .anyMatch(policy -> policy.inference().binds());
            backlog.follow(tree, replicasBound);
        }
    }

    private void countAgain(JobState job, QueueTree tree) {
        for (GangState gang : job.gangs()) {
            for (WorkerState worker : gang.workers()) {
                if (!worker.ended()) {
                    holdings.count(gang, placeOf(gang), worker.placement(), true);
                }
            }
        }
        QueueNode queue = tree.of(job);
        if (queue != null) {
            tree.countJob(queue, job.userName(), 1);
        }
    }

    /** Profile and class of what a gang holds. */
    private static Placement placeOf(GangState gang) {
        return new Placement(gang.profileIndex(), gang.className(), List.of());
    }

    // ---- following the state

    @Override
    public void settingsChanged() {
        demandsChanged = true;
        queuesChanged = true;
    }

    @Override
    public void pricesChanged() {
        demandsChanged = true;
        queuesChanged = true;
    }

    @Override
    public void chargesChanged() {
        holdings.tree().charged(state.settings().chargesMilli());
    }

    @Override
    public void nodeChanged(NodeState node) {
        fleet.put(node);
        for (WorkerState worker : node.workers()) {
            GangState gang = worker.gang();
            WorkerPlacement placement = worker.placement();
            fleet.bind(placement, holdings.request(gang, gang.profileIndex(), placement.role()));
        }
        reservations.takeAgain(node.id());
        reservations.nodeChanged(node.id());
        reservations.fleetChanged();
        rounds.nodeChanged(node);
        backlog.released(node.id(), reservations.isAnyOn(node.id()));
    }

    @Override
    public void nodeRemoved(NodeState node) {
        fleet.remove(node.id());
        rounds.nodeRemoved(node);
    }

    @Override
    public void deviceHealthChanged(NodeState node, long deviceId) {
        node.devices().stream()
                .filter(device -> device.id() == deviceId)
                .forEach(device -> fleet.health(node.id(), device));
        reservations.fleetChanged();
        reservations.nodeChanged(node.id());
        backlog.released(node.id(), reservations.isAnyOn(node.id()));
        rounds.nodeChanged(node);
    }

    @Override
    public void workerBound(GangState gang, WorkerState worker) {
        holdings.take(gang, placeOf(gang), worker.placement());
    }

    @Override
    public void workerReleased(GangState gang, WorkerState worker) {
        holdings.giveBack(gang, placeOf(gang), worker.placement());
        backlog.released(worker.nodeId(), reservations.isAnyOn(worker.nodeId()));
        backlog.wakeOthers(gang);
        reservations.nodeChanged(worker.nodeId());
        rounds.somethingChanged();
    }

    @Override
    public void gangAssigned(GangState gang) {
        if (gang.job().placedGangs() == 1) {
            countJob(gang, 1);
        }
        rounds.countRunning(gang, 1);
        backlog.wakeOthers(gang);
    }

    @Override
    public void gangStopping(GangState gang) {
        rounds.leaving(gang);
    }

    @Override
    public void gangFreed(GangState gang) {
        if (gang.job().placedGangs() == 0) {
            countJob(gang, -1);
        }
        rounds.countRunning(gang, -1);
    }

    private void countJob(GangState gang, int by) {
        QueueNode queue = holdings.tree().of(gang.job());
        if (queue != null) {
            holdings.tree().countJob(queue, gang.job().userName(), by);
        }
    }

    @Override
    public void gangReserved(GangState gang, Reservation reservation) {
        reservations.add(gang, reservation);
        countKept(reservation, 1);
    }

    private void countKept(Reservation reservation, int sign) {
        int devices = 0;
        for (WorkerPlacement worker : reservation.workers()) {
            devices += worker.devices().size();
        }
        if (devices > 0) {
            backlog.keep(fleet.classNumber(reservation.className()), sign * devices);
        }
    }

    @Override
    public void reservationDropped(GangState gang, Reservation reservation) {
        reservations.remove(gang);
        countKept(reservation, -1);
        for (WorkerPlacement worker : reservation.workers()) {
            backlog.released(worker.nodeId(), reservations.isAnyOn(worker.nodeId()));
        }
    }

    @Override
    public void gangWaiting(GangState gang) {
        backlog.add(gang);
        reservations.gangChanged(gang);
        rounds.somethingChanged();
    }

    @Override
    public void gangNotWaiting(GangState gang) {
        backlog.remove(gang);
    }
}
