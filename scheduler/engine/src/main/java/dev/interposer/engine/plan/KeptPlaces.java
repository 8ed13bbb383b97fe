package dev.interposer.engine.plan;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.explain.KeptByOthers;
import dev.interposer.engine.fairness.QueueNode;
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
 * were asked to leave for. Others are let in only as {@link Guests}.
 * What is kept for a gang is not in its own way: where a part of it is free and the rest is elsewhere, it starts.
 *
 * <p><b>Algorithm.</b> The places in question are taken out of the arrays, the gang is tried as usual, and they are
 * put back. Places of lower bands that the gang lies in are given up.
 */
final class KeptPlaces implements KeptByOthers {
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
        List<Reservations.Kept> hosts = new ArrayList<>();
        for (Reservations.Kept one : reservations.all()) {
            if (gang == one.gang()) {
                lifted.add(one);
            } else if (!lower.contains(one) && Guests.admits(one, gang, nowMicros)) {
                hosts.add(one);
            }
        }
        Placement found = lifted.isEmpty() ? null : without(lifted, () -> starter.find(gang, queue));
        if (found == null && !hosts.isEmpty()) {
            lifted.addAll(hosts);
            Placement guest = without(lifted, () -> starter.find(gang, queue));
            boolean shows = guest != null && hosts.stream().allMatch(host -> Guests.showsIn(host, gang, guest));
            found = shows ? guest : null;
        }
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
