package dev.interposer.engine.plan;

import dev.interposer.engine.fairness.QueueNode;
import dev.interposer.engine.fairness.Take;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.ReservationCause;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.preemption.Holdings;
import dev.interposer.engine.state.GangState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The places that are kept for gangs which do not run yet.
 *
 * <p>A kept place is taken in the arrays like a bound one, on top of those who still use it: its devices show less than
 * nothing free until they leave, and nothing free afterwards. So nobody else can be placed there, and the place is
 * ready exactly when none of it shows less than nothing.
 */
final class Reservations {
    private static final Comparator<GangState> ORDER = Comparator.comparingInt(
                    (GangState gang) -> -gang.job().priority())
            .thenComparingLong(gang -> gang.job().id())
            .thenComparingInt(GangState::index);

    private final Holdings holdings;
    private final Map<GangState, Kept> kept = new TreeMap<>(ORDER);
    private final Map<Long, Set<GangState>> byNode = new HashMap<>();
    private final Set<GangState> changed = new HashSet<>();
    private final Set<GangState> overLimit = new HashSet<>();
    private long limitsAt;
    /** Places whose guests have not been called yet. */
    private final List<Kept> fresh = new ArrayList<>();

    /** One of them. */
    record Kept(GangState gang, Reservation reservation) {
        Placement place() {
            return new Placement(reservation.profile(), reservation.className(), reservation.workers());
        }

        /** Whether nothing of the gang runs; one that is being resized does. */
        boolean onlyKept() {
            return reservation.cause() != ReservationCause.RESIZE;
        }

        /** Whether a gang of a higher band may take it. */
        boolean yields() {
            return reservation.cause() == ReservationCause.LONGEST_WAIT;
        }
    }

    Reservations(Holdings holdings) {
        this.holdings = holdings;
    }

    void add(GangState gang, Reservation reservation) {
        Kept one = new Kept(gang, reservation);
        kept.put(gang, one);
        fresh.add(one);
        changed.add(gang);
        for (WorkerPlacement worker : reservation.workers()) {
            byNode.computeIfAbsent(worker.nodeId(), id -> new HashSet<>()).add(gang);
        }
        take(one);
    }

    void remove(GangState gang) {
        Kept one = kept.remove(gang);
        changed.remove(gang);
        overLimit.remove(gang);
        if (one != null) {
            giveBack(one);
            for (WorkerPlacement worker : one.reservation().workers()) {
                Set<GangState> onNode = byNode.get(worker.nodeId());
                if (onNode != null && onNode.remove(gang) && onNode.isEmpty()) {
                    byNode.remove(worker.nodeId());
                }
                // Another place on the node may have waited for this one.
                nodeChanged(worker.nodeId());
            }
        }
    }

    /** Whether a place on a node is kept. */
    boolean isAnyOn(long nodeId) {
        return !byNode.isEmpty() && byNode.containsKey(nodeId);
    }

    /** Places that were kept before this moment, each told once: guests may come. */
    List<Kept> openTo(long nowMicros) {
        if (fresh.isEmpty()) {
            return List.of();
        }
        List<Kept> open = fresh.stream()
                .filter(one -> one.reservation().madeAtMicros() < nowMicros)
                .toList();
        fresh.removeAll(open);
        return open;
    }

    boolean anyToOpen() {
        return !fresh.isEmpty();
    }

    /** Something on a node changed: places on it may be ready, or no longer there. */
    void nodeChanged(long nodeId) {
        Set<GangState> onNode = byNode.isEmpty() ? null : byNode.get(nodeId);
        if (onNode != null) {
            changed.addAll(onNode);
        }
    }

    /** A gang that has a place became eligible. */
    void gangChanged(GangState gang) {
        if (!kept.isEmpty() && kept.containsKey(gang)) {
            changed.add(gang);
        }
    }

    /** The arrays forgot what was taken on a node: it is taken there again. */
    void takeAgain(long nodeId) {
        for (GangState gang : byNode.getOrDefault(nodeId, Set.of())) {
            Kept one = kept.get(gang);
            if (one != null) {
                for (WorkerPlacement worker : one.reservation().workers()) {
                    if (worker.nodeId() == nodeId) {
                        holdings.fleet()
                                .bind(
                                        worker,
                                        holdings.request(gang, one.reservation().profile(), worker.role()));
                    }
                }
            }
        }
    }

    /** The first of those changed that may start now, or is to be given up; asked again until it is null. */
    @Nullable
    Kept ready() {
        followLimits();
        if (changed.isEmpty()) {
            return null;
        }
        List<GangState> looked = new ArrayList<>(changed);
        looked.sort(ORDER);
        for (GangState gang : looked) {
            Kept one = kept.get(gang);
            if (one != null && gang.eligible() && holdings.fits(gang, one.place())) {
                if (withinLimits(one) || isHeld(one)) {
                    return one;
                }
                overLimit.add(gang);
            }
            changed.remove(gang);
        }
        return null;
    }

    /** What was above a limit is looked at again when anybody took or gave back something. */
    private void followLimits() {
        long now = holdings.tree().changes();
        if (now != limitsAt) {
            limitsAt = now;
            fleetChanged();
        }
    }

    /** There may be more of which others withhold the same. */
    void fleetChanged() {
        if (!overLimit.isEmpty()) {
            changed.addAll(overLimit);
            overLimit.clear();
        }
    }

    /** Those who were asked to leave for it may have been in the way of a limit, and not of the devices. */
    private boolean withinLimits(Kept one) {
        QueueNode queue = holdings.tree().of(one.gang().job());
        int chipClass = holdings.fleet().classNumber(one.reservation().className());
        boolean another = one.gang().job().placedGangs() == 0;
        // The place is counted already, and the job is not.
        return queue != null
                && holdings.tree().refusal(new Take(queue, one.gang().job().userName(), chipClass, 0), another) == null;
    }

    /** Whether its queue starts nothing by now; a gang that is being resized has been running, and goes on. */
    boolean isHeld(Kept one) {
        QueueNode queue = holdings.tree().of(one.gang().job());
        return one.onlyKept() && queue != null && !queue.open();
    }

    boolean mayBeReady() {
        followLimits();
        return !changed.isEmpty();
    }

    @Nullable
    Kept of(GangState gang) {
        return kept.get(gang);
    }

    /** Higher bands first. */
    Collection<Kept> all() {
        return List.copyOf(kept.values());
    }

    boolean isEmpty() {
        return kept.isEmpty();
    }

    /** Takes places out of the arrays for a try. {@link #restore} puts them back. */
    void lift(Collection<Kept> some) {
        holdings.trying(true);
        some.forEach(this::giveBack);
    }

    void restore(Collection<Kept> some) {
        some.forEach(this::take);
        holdings.trying(false);
    }

    private void take(Kept one) {
        holdings.takeAll(one.gang(), one.place());
        if (one.onlyKept()) {
            holdings.keep(one.gang(), one.place(), true);
        }
    }

    private void giveBack(Kept one) {
        if (one.onlyKept()) {
            holdings.keep(one.gang(), one.place(), false);
        }
        holdings.giveBackAll(one.gang(), one.place());
    }

    /** Queues were counted anew: what is kept is counted again. */
    void countAgain() {
        changed.addAll(overLimit);
        overLimit.clear();
        for (Kept one : kept.values()) {
            for (WorkerPlacement worker : one.reservation().workers()) {
                holdings.count(one.gang(), one.place(), worker, true);
            }
            if (one.onlyKept()) {
                holdings.keep(one.gang(), one.place(), true);
            }
        }
    }
}
