package dev.interposer.engine.plan;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.explain.KeptByOthers;
import dev.interposer.engine.fairness.QueueNode;
import dev.interposer.engine.model.Preemption;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.state.GangState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who may use a place that is kept for another.
 *
 * <p><b>Goals.</b> Kept devices do not stand idle for nothing; a place that is kept is not put off.
 *
 * <p><b>Constraints.</b> A gang of a higher band may take a place that is kept for a long wait; never one that others
 * were asked to leave for. A guest is let in only if it is of no higher band, since it leaves for the one that has the
 * place, if it may be evicted whatever else happens to its job (a disruption budget may forbid that a replica leaves),
 * and if its least run time and its grace end before the place is expected to be free; where nobody knows when that
 * is, there are no guests.
 * What is kept for a gang is not in its own way: where a part of it is free and the rest is elsewhere, it starts.
 *
 * <p><b>Algorithm.</b> The places in question are taken out of the arrays, the gang is tried as usual, and they are
 * put back. Places of lower bands that the gang lies in are given up.
 */
final class KeptPlaces implements KeptByOthers {
    private static final long SECOND = 1_000_000;

    private final Reservations reservations;
    private final Starter starter;

    KeptPlaces(Reservations reservations, Starter starter) {
        this.reservations = reservations;
        this.starter = starter;
    }

    Starter starter() {
        return starter;
    }

    Reservations reservations() {
        return reservations;
    }

    /** A place that overlaps with kept ones, or null; what it takes from lower bands is given up through the sink. */
    @Nullable
    Placement find(GangState gang, QueueNode queue, long nowMicros, Consumer<JobEvent> sink) {
        List<Reservations.Kept> lower = lowerBands(gang);
        List<Reservations.Kept> lifted = new ArrayList<>(lower);
        for (Reservations.Kept one : reservations.all()) {
            if (!lower.contains(one) && (gang == one.gang() || mayVisit(gang, one, nowMicros))) {
                lifted.add(one);
            }
        }
        Placement found = without(lifted, () -> starter.find(gang, queue));
        if (found != null) {
            giveUp(lower, found, sink);
        }
        return found;
    }

    /** Places that a gang of this band may take. */
    List<Reservations.Kept> lowerBands(GangState gang) {
        List<Reservations.Kept> lower = new ArrayList<>();
        for (Reservations.Kept one : reservations.all()) {
            if (one.yields() && one.gang().job().priority() < gang.job().priority()) {
                lower.add(one);
            }
        }
        return lower;
    }

    @Override
    public @Nullable Holder holder(GangState asker, Supplier<@Nullable Placement> search) {
        List<Reservations.Kept> others = new ArrayList<>();
        for (Reservations.Kept one : reservations.all()) {
            if (one.gang() != asker) {
                others.add(one);
            }
        }
        Placement found = others.isEmpty() ? null : without(others, search);
        if (found != null) {
            for (Reservations.Kept one : others) {
                long shared = sharedNode(one.place(), found);
                if (shared >= 0) {
                    return new Holder(one.gang(), shared);
                }
            }
        }
        return null;
    }

    /** Looks for something as if those places were not kept. */
    <T> @Nullable T without(List<Reservations.Kept> lifted, Supplier<@Nullable T> search) {
        if (lifted.isEmpty()) {
            return search.get();
        }
        reservations.lift(lifted);
        try {
            return search.get();
        } finally {
            reservations.restore(lifted);
        }
    }

    /** Those of the places that a gang lies in are kept no more. Returns how many. */
    int giveUp(List<Reservations.Kept> places, Placement taken, Consumer<JobEvent> sink) {
        int events = 0;
        for (Reservations.Kept one : places) {
            if (overlap(one.place(), taken)) {
                sink.accept(new JobEvent.ReservationDropped(
                        one.gang().job().id(), one.gang().index()));
                events++;
            }
        }
        return events;
    }

    private static boolean mayVisit(GangState gang, Reservations.Kept one, long nowMicros) {
        Preemption preemption = gang.job().spec().preemption();
        long start = one.reservation().startAtMicros();
        // Guests are known by having come later than the place was kept, so none comes in the same page.
        return start != Reservation.UNKNOWN
                && nowMicros > one.reservation().madeAtMicros()
                && gang.job().priority() <= one.gang().job().priority()
                && gang.job().spec().inference() == null
                && preemption.policy() != Preemption.Policy.NEVER
                && nowMicros + (preemption.minRuntimeSeconds() + preemption.graceSeconds()) * SECOND <= start;
    }

    /** Two that share a node share its other resources too, and might wait for each other for ever. */
    private static boolean overlap(Placement a, Placement b) {
        return sharedNode(a, b) >= 0;
    }

    /** The first node on which both have a worker, or −1. */
    private static long sharedNode(Placement a, Placement b) {
        for (WorkerPlacement one : a.workers()) {
            for (WorkerPlacement other : b.workers()) {
                if (one.nodeId() == other.nodeId()) {
                    return one.nodeId();
                }
            }
        }
        return -1;
    }
}
