package dev.interposer.engine.plan;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.Preemption;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.preemption.OwnWord;
import dev.interposer.engine.preemption.Prices;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Who is let in on a place that is kept for another, and when it is asked to leave.
 *
 * <p><b>Goals.</b> Kept devices do not stand idle for nothing; a place that is kept is hardly put off.
 *
 * <p><b>Constraints.</b> A guest leaves for the one that has the place, so it is of no higher band. It may be evicted
 * whatever else happens to its job: a disruption budget may forbid that a replica leaves, so replicas are no guests.
 * Its least run time and its grace end before the place is expected to be free, and where nobody knows when that is,
 * there are no guests. Since work may end sooner than anybody said, both together are short: so much later than
 * without guests a gang may start in its place. A guest is known by the devices that it has of the place and by
 * having come later; none takes only what a node has beside its devices.
 *
 * <p><b>Algorithm.</b> Guests are asked to leave when the last of the others is expected to be gone within their grace.
 */
final class Guests {
    /** Least run time and grace of a guest, together. */
    static final long MOST_SECONDS = 60;

    private static final long SECOND = 1_000_000;
    private static final Comparator<GangState> ORDER =
            Comparator.comparingLong((GangState gang) -> gang.job().id()).thenComparingInt(GangState::index);

    private final State state;
    private final Reservations reservations;

    Guests(State state, Reservations reservations) {
        this.state = state;
        this.reservations = reservations;
    }

    /** Whether a gang may be let in on a place. */
    static boolean admits(Reservations.Kept host, GangState gang, long nowMicros) {
        Preemption preemption = gang.job().spec().preemption();
        long start = host.reservation().startAtMicros();
        long staysSeconds = preemption.minRuntimeSeconds() + preemption.graceSeconds();
        // Guests are known by having come later than the place was kept, so none comes in the same page.
        return start != Reservation.UNKNOWN
                && nowMicros > host.reservation().madeAtMicros()
                && gang.job().priority() <= host.gang().job().priority()
                && gang.job().spec().inference() == null
                && preemption.policy() != Preemption.Policy.NEVER
                && staysSeconds <= MOST_SECONDS
                && nowMicros + staysSeconds * SECOND <= start;
    }

    /** Whether each worker that takes more than devices from the nodes of a kept place has a device of the place. */
    static boolean showsIn(Reservations.Kept host, GangState gang, Placement place) {
        List<Role> roles = gang.job().spec().profiles().get(place.profile()).roles();
        for (WorkerPlacement worker : place.workers()) {
            if (roles.get(worker.role()).requests().isEmpty()) {
                continue;
            }
            boolean onNode = false;
            boolean shows = false;
            for (WorkerPlacement kept : host.reservation().workers()) {
                onNode |= kept.nodeId() == worker.nodeId();
                shows |= kept.nodeId() == worker.nodeId() && shares(kept.devices(), worker.devices());
            }
            if (onNode && !shows) {
                return false;
            }
        }
        return true;
    }

    private static boolean shares(Ids some, Ids others) {
        for (int index = 0; index < others.size(); index++) {
            if (some.contains(others.get(index))) {
                return true;
            }
        }
        return false;
    }

    /** @return how many events */
    int callIn(long nowMicros, Consumer<JobEvent> sink) {
        int events = 0;
        for (Reservations.Kept host : reservations.all()) {
            long othersEnd = nowMicros;
            long graceMicros = 0;
            Set<GangState> guests = new TreeSet<>(ORDER);
            for (GangState gang : inTheWay(host)) {
                Preemption preemption = gang.job().spec().preemption();
                boolean guest = gang.assignedAtMicros() > host.reservation().madeAtMicros()
                        && gang.job().priority() <= host.gang().job().priority()
                        && preemption.policy() != Preemption.Policy.NEVER;
                if (!guest) {
                    othersEnd = Math.max(othersEnd, Prices.expectedEnd(gang, nowMicros));
                } else if (gang.phase() != GangPhase.STOPPING) {
                    guests.add(gang);
                    graceMicros = Math.max(graceMicros, preemption.graceSeconds() * SECOND);
                }
            }
            if (othersEnd - nowMicros <= graceMicros) {
                for (GangState guest : guests) {
                    if (OwnWord.admitsLeaving(guest, nowMicros, 0)) {
                        sink.accept(Rounds.stopping(guest, StopCause.PREEMPTED));
                        events++;
                    }
                }
            }
        }
        return events;
    }

    /** Who has devices of a place. */
    private Set<GangState> inTheWay(Reservations.Kept host) {
        Set<GangState> gangs = new LinkedHashSet<>();
        for (WorkerPlacement wanted : host.reservation().workers()) {
            NodeState node = state.nodes().find(wanted.nodeId());
            for (WorkerState worker : node == null ? List.<WorkerState>of() : node.workers()) {
                if (shares(wanted.devices(), worker.placement().devices())) {
                    gangs.add(worker.gang());
                }
            }
        }
        return gangs;
    }
}
