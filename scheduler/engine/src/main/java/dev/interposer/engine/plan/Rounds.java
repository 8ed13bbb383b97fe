package dev.interposer.engine.plan;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.fairness.QueueNode;
import dev.interposer.engine.fairness.Take;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.Preemption;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.ReservationCause;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.order.Backlog;
import dev.interposer.engine.order.Shape;
import dev.interposer.engine.placement.Bounds;
import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.preemption.Clearing;
import dev.interposer.engine.preemption.Clearing.Cleared;
import dev.interposer.engine.preemption.Clearing.Wanted;
import dev.interposer.engine.preemption.Holdings;
import dev.interposer.engine.preemption.Leave;
import dev.interposer.engine.preemption.OwnWord;
import dev.interposer.engine.preemption.Prices;
import dev.interposer.engine.preemption.Victims;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is looked at a few times a second and not at each release, because it looks at many nodes: whom to evict, for
 * whom to keep a place, which places to give up.
 *
 * <p><b>Goals.</b> No gang starves because smaller ones pass it; higher bands and guarantees get room by eviction.
 *
 * <p><b>Constraints.</b> Nobody is asked to leave unless the one it leaves for has a place kept on what it leaves. In
 * each band one gang has a place kept for its long wait, the one that has waited longest. Work that was let in on a
 * kept place accepted to leave again.
 *
 * <p><b>Algorithm.</b> What runs on draining nodes is asked to leave. Places that are no longer sound are given
 * up. Who was let in on a kept place leaves when the place is due. Then the shapes in their order: eviction,
 * first by shrinking elastic gangs. Then, in each band, the gang that was submitted first of those that may start: a
 * place where the last of those who run is expected to end soonest.
 */
final class Rounds {
    private static final long SECOND = 1_000_000;
    private static final long BUSY_MICROS = SECOND / 10;
    /** Even if nothing happened, work comes of the age at which it may be evicted. */
    private static final long IDLE_MICROS = SECOND;

    private static final long REST_MICROS = 30 * SECOND;

    /** Nodes looked at in one round, over all shapes. */
    private static final int MOST_NODES = 20_000;

    /** Who was looked at in vain is looked at again after so long; what changes at each release seldom helps. */
    private static final long VAIN_MICROS = SECOND;

    private static final int MOST_SHAPES = 16;

    private final State state;
    private final Backlog backlog;
    private final Holdings holdings;
    private final Starter starter;
    private final KeptPlaces keptPlaces;
    private final Reservations reservations;
    private final Clearing clearing;
    private final Victims victims;
    /** Gangs that hold something, by priority. */
    private final TreeMap<Integer, Count> running = new TreeMap<>();

    /** When a shape was last looked at in vain. */
    private final Map<Shape, Long> inVain = new HashMap<>();

    private final Growth growth;
    private final Guests guests;
    private final Leaving leaving;
    private final Draining draining;
    private boolean changed = true;
    private long lastMicros = Long.MIN_VALUE / 2;

    /** How many gangs. */
    private static final class Count {
        private int gangs;
    }

    Rounds(State state, Backlog backlog, Holdings holdings, KeptPlaces keptPlaces, Clearing clearing) {
        this.state = state;
        this.backlog = backlog;
        this.holdings = holdings;
        this.starter = keptPlaces.starter();
        this.keptPlaces = keptPlaces;
        this.reservations = keptPlaces.reservations();
        this.clearing = clearing;
        this.victims = new Victims(holdings, clearing);
        this.guests = new Guests(state, reservations);
        this.leaving = new Leaving(holdings);
        this.draining = new Draining(state);
        this.growth = new Growth(backlog, holdings, keptPlaces.starter());
    }

    /** What a round looks at is not what it was. */
    void somethingChanged() {
        changed = true;
    }

    void nodeChanged(NodeState node) {
        changed = true;
        draining.follow(node);
    }

    void nodeRemoved(NodeState node) {
        changed = true;
        draining.gone(node);
    }

    /** A gang began to hold something, or does so no more. */
    void countRunning(GangState gang, int by) {
        changed = true;
        growth.follow(gang, by > 0);
        if (by < 0) {
            leaving.gone(gang);
        }
        Count count = running.computeIfAbsent(gang.job().priority(), priority -> new Count());
        count.gangs += by;
        if (count.gangs == 0) {
            running.remove(gang.job().priority());
        }
    }

    void leaving(GangState gang) {
        changed = true;
        leaving.add(gang);
    }

    /** Whether anybody could be asked to leave for a gang of a priority. */
    private boolean mayEvict(int priority) {
        return !running.isEmpty()
                && (running.firstKey() < priority
                        || (running.firstKey() == priority && holdings.tree().hasGuarantees()));
    }

    boolean due(long nowMicros) {
        return nowMicros >= nextMicros();
    }

    /** When the next round is due; the greatest long while there is nothing to look at. */
    long nextMicros() {
        if (!draining.isIdle()) {
            return lastMicros + (changed ? BUSY_MICROS : IDLE_MICROS);
        }
        if (backlog.size() == 0 && reservations.isEmpty()) {
            return growth.isIdle() ? Long.MAX_VALUE : lastMicros + (changed ? BUSY_MICROS : REST_MICROS);
        }
        if (changed) {
            return lastMicros + BUSY_MICROS;
        }
        // Only the time can have made a difference: somebody reached the age at which it may be evicted.
        return lastMicros
                + (reservations.isEmpty() && !mayEvict(backlog.highestPriority()) ? REST_MICROS : IDLE_MICROS);
    }

    /** @return how many events */
    int run(long nowMicros, Consumer<JobEvent> sink) {
        changed = false;
        lastMicros = nowMicros;
        inVain.values().removeIf(when -> when + VAIN_MICROS <= nowMicros);
        int events = serve(nowMicros, (shape, gang) -> !inVain.containsKey(shape), sink);
        return events + growth.grow(nowMicros, sink);
    }

    /**
     * A round that was held before: it looks only at those for whom something came of it. Whom a leader looked at in
     * vain, and when, is in no ledger.
     *
     * @return how many events
     */
    int again(long nowMicros, Predicate<GangState> served, Consumer<JobEvent> sink) {
        int events = serve(nowMicros, (shape, gang) -> served.test(gang), sink);
        return events + growth.again(nowMicros, served, sink);
    }

    private int serve(long nowMicros, BiPredicate<Shape, GangState> worthALook, Consumer<JobEvent> sink) {
        int events = draining.run(nowMicros, sink);
        events += giveUpUnsound(sink);
        events += guests.callIn(nowMicros, sink);
        leaving.leaveOut();
        try {
            return events + serveShapes(new Look(nowMicros, worthALook, new HashMap<>(), sink));
        } finally {
            leaving.countAgain();
        }
    }

    /** One look at those who wait: of each shape that was looked at, whether something came of it. */
    private record Look(
            long nowMicros,
            BiPredicate<Shape, GangState> worthALook,
            Map<Shape, Boolean> served,
            Consumer<JobEvent> sink) {}

    private int serveShapes(Look look) {
        // Whose place is given up for a higher band is looked at in the next round.
        Set<Integer> bands = bandsWithAPlace();
        int budget = MOST_NODES;
        int events = 0;
        boolean any = mayEvict(backlog.highestPriority());
        for (Shape shape : any ? backlog.first(MOST_SHAPES) : List.<Shape>of()) {
            GangState gang = shape.first(Rounds::unserved);
            if (budget > 0
                    && gang != null
                    && mayEvict(shape.priority())
                    && look.worthALook().test(shape, gang)) {
                budget -= Math.max(1, holdings.fleet().nodeSlots());
                events += makeRoom(shape, gang, look);
            }
        }
        events += serveLongestWaits(look, bands);
        look.served().forEach((shape, served) -> {
            if (!served) {
                inVain.put(shape, look.nowMicros());
            }
        });
        return events;
    }

    /** In each band that has none yet, a place for the first who may start and finds one. */
    private int serveLongestWaits(Look look, Set<Integer> bands) {
        int budget = MOST_NODES;
        int events = 0;
        for (Shape shape : backlog.longestWaiting(priority -> !bands.contains(priority))) {
            GangState gang = shape.first(waiting -> waiting.reservation() == null);
            QueueNode queue = backlog.queueOf(shape);
            boolean candidate = budget > 0
                    && gang != null
                    && queue != null
                    && !bands.contains(shape.priority())
                    && mayReserve(gang)
                    && look.worthALook().test(shape, gang)
                    && !startable(gang, queue, Ids.NONE).isEmpty();
            if (gang == null || queue == null || !candidate) {
                continue;
            }
            budget -= Math.max(MOST_NODES / MOST_SHAPES, holdings.fleet().nodeSlots());
            // A place is kept only for whom nobody can be asked to leave.
            events += look.served().containsKey(shape) ? 0 : makeRoom(shape, gang, look);
            if (!look.served().getOrDefault(shape, false)) {
                int made = keepPlace(gang, queue, look.nowMicros(), look.sink());
                look.served().put(shape, made > 0);
                events += made;
                if (made > 0) {
                    bands.add(shape.priority());
                }
            }
        }
        return events;
    }

    private int makeRoom(Shape shape, GangState gang, Look look) {
        QueueNode queue = backlog.queueOf(shape);
        int made =
                queue == null || !mayEvict(shape.priority()) ? 0 : makeRoom(gang, queue, look.nowMicros(), look.sink());
        look.served().put(shape, made > 0);
        return made;
    }

    /** Whether nobody was asked to leave for it yet. */
    private static boolean unserved(GangState gang) {
        Reservation kept = gang.reservation();
        return kept == null || kept.cause() == ReservationCause.LONGEST_WAIT;
    }

    // ---- places that are kept

    private int giveUpUnsound(Consumer<JobEvent> sink) {
        int events = 0;
        for (Reservations.Kept one : reservations.all()) {
            if (!sound(one)) {
                sink.accept(new JobEvent.ReservationDropped(
                        one.gang().job().id(), one.gang().index()));
                events++;
            }
        }
        return events;
    }

    /** Whether its nodes and devices may still take work, once those who use them are gone. */
    private boolean sound(Reservations.Kept one) {
        for (WorkerPlacement worker : one.reservation().workers()) {
            NodeState node = state.nodes().find(worker.nodeId());
            if (node == null || !node.schedulable()) {
                return false;
            }
            int slot = holdings.fleet().nodeSlot(node.id());
            for (int index = 0; index < worker.devices().size(); index++) {
                if (!holdings.fleet().usable(slot, worker.devices().get(index))) {
                    return false;
                }
            }
        }
        return true;
    }

    private Set<Integer> bandsWithAPlace() {
        Set<Integer> bands = new HashSet<>();
        for (Reservations.Kept one : reservations.all()) {
            if (one.reservation().cause() == ReservationCause.LONGEST_WAIT) {
                bands.add(one.gang().job().priority());
            }
        }
        return bands;
    }

    /** One whole device and nothing else is never passed by: whatever becomes free goes to the first in order. */
    private static boolean mayReserve(GangState gang) {
        List<Profile> profiles = gang.job().spec().profiles();
        for (int index = 0; index < profiles.size(); index++) {
            List<Role> roles = profiles.get(index).roles();
            Role first = roles.getFirst();
            AcceleratorRequest asked = first.accelerators();
            boolean oneDevice = roles.size() == 1
                    && first.workers().min() == 1
                    && first.requests().isEmpty()
                    && asked.perWorker() == 1
                    && asked.shareMilli() == AcceleratorRequest.WHOLE
                    && asked.partition().isEmpty();
            if (!oneDevice) {
                return true;
            }
        }
        return false;
    }

    private int keepPlace(GangState gang, QueueNode queue, long nowMicros, Consumer<JobEvent> sink) {
        List<Reservations.Kept> lower = keptPlaces.lowerBands(gang);
        Cleared best = keptPlaces.without(lower, () -> soonest(gang, queue, nowMicros));
        if (best == null) {
            return 0;
        }
        int events = keptPlaces.giveUp(lower, best.place(), sink);
        long start = Prices.expectedStart(best.leaves(), nowMicros);
        sink.accept(reserved(gang, best.place(), start, ReservationCause.LONGEST_WAIT));
        return events + 1;
    }

    /** Where it failed it waits for others to end only if it may not wait for them anywhere else. */
    private @Nullable Cleared soonest(GangState gang, QueueNode queue, long nowMicros) {
        Cleared found = null;
        for (Ids avoided : Starter.avoidances(gang)) {
            found = found == null ? soonest(gang, queue, avoided, nowMicros) : found;
        }
        return found;
    }

    private @Nullable Cleared soonest(GangState gang, QueueNode queue, Ids avoided, long nowMicros) {
        Cleared best = null;
        for (Wanted wanted : startable(gang, queue, avoided)) {
            Cleared found = clearing.find(wanted, Prices.byExpectedEnd(nowMicros));
            boolean sooner = found != null
                    && (best == null
                            || Prices.expectedStart(found.leaves(), nowMicros)
                                    < Prices.expectedStart(best.leaves(), nowMicros));
            best = sooner ? found : best;
        }
        return best;
    }

    /** The ways to start it that nothing but room is in the way of. */
    private List<Wanted> startable(GangState gang, QueueNode queue, Ids avoided) {
        List<Wanted> startable = new ArrayList<>();
        for (StartOption option : starter.optionsOf(gang)) {
            Wanted wanted = wanted(gang, queue, option, avoided);
            if (wanted != null
                    && holdings.tree().refusal(wanted.take(), gang.job().placedGangs() == 0) == null) {
                startable.add(wanted);
            }
        }
        return startable;
    }

    // ---- eviction

    private int makeRoom(GangState gang, QueueNode queue, long nowMicros, Consumer<JobEvent> sink) {
        List<Reservations.Kept> lower = keptPlaces.lowerBands(gang);
        List<Reservations.Kept> lifted = new ArrayList<>(lower);
        Reservations.Kept own = reservations.of(gang);
        if (own != null) {
            lifted.add(own);
        }
        Cleared cleared = keptPlaces.without(lifted, () -> cheapest(gang, queue, nowMicros));
        if (cleared == null) {
            return 0;
        }
        return keptPlaces.giveUp(lower, cleared.place(), sink) + evict(gang, cleared, nowMicros, sink);
    }

    private @Nullable Cleared cheapest(GangState gang, QueueNode queue, long nowMicros) {
        Cleared found = null;
        for (Ids avoided : Starter.avoidances(gang)) {
            found = found == null ? cheapest(gang, queue, avoided, nowMicros) : found;
        }
        return found;
    }

    private @Nullable Cleared cheapest(GangState gang, QueueNode queue, Ids avoided, long nowMicros) {
        List<Wanted> ways = new ArrayList<>();
        for (StartOption option : starter.optionsOf(gang)) {
            Wanted wanted = wanted(gang, queue, option, avoided);
            if (wanted != null) {
                ways.add(wanted);
            }
        }
        return victims.mildest(ways, nowMicros);
    }

    private int evict(GangState gang, Cleared cleared, long nowMicros, Consumer<JobEvent> sink) {
        int events = 1;
        long start = nowMicros;
        for (Leave leave : cleared.leaves()) {
            GangState victim = leave.gang();
            start = Math.max(start, nowMicros + victim.job().spec().preemption().graceSeconds() * SECOND);
            sink.accept(stopping(victim, leave.keep() > 0 ? StopCause.RESIZED : StopCause.PREEMPTED));
            events++;
            if (leave.keep() > 0) {
                sink.accept(reserved(victim, leave.kept(), start, ReservationCause.RESIZE));
                events++;
            }
        }
        sink.accept(reserved(gang, cleared.place(), start, ReservationCause.PREEMPTION));
        return events;
    }

    private @Nullable Wanted wanted(GangState gang, QueueNode queue, StartOption option, Ids avoided) {
        // A cap is looked at with everybody still there: nobody is evicted so that a ratio comes right.
        boolean placed = option.chipClass() != null || option.profile().withoutDevices();
        if (!placed
                || !OwnWord.admitsProfile(gang, option.profile().index())
                || starter.sourced(gang, option, option.minMilli()) != null) {
            return null;
        }
        Take take = Starter.take(gang, queue, option);
        // The smallest gang: nobody is asked to leave so that another may grow.
        Bounds smallest = Starter.smallest(gang, option, avoided);
        return new Wanted(gang, option.profile(), option.chipClass(), smallest, take);
    }

    static JobEvent.GangStopping stopping(GangState gang, StopCause cause) {
        Preemption preemption = gang.job().spec().preemption();
        return new JobEvent.GangStopping(
                gang.job().id(), gang.index(), gang.attempt(), cause, preemption.graceSeconds());
    }

    static JobEvent.GangReserved reserved(GangState gang, Placement place, long startAtMicros, ReservationCause cause) {
        return new JobEvent.GangReserved(
                gang.job().id(),
                gang.index(),
                place.profile(),
                place.className(),
                place.workers(),
                startAtMicros,
                cause);
    }
}
