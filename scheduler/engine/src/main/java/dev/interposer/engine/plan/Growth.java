package dev.interposer.engine.plan;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.fairness.QueueNode;
import dev.interposer.engine.fairness.Refusal;
import dev.interposer.engine.model.ReservationCause;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.order.Backlog;
import dev.interposer.engine.order.Shape;
import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.preemption.Holdings;
import dev.interposer.engine.preemption.Leave;
import dev.interposer.engine.preemption.OwnWord;
import dev.interposer.engine.state.GangState;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Lets elastic gangs grow.
 *
 * <p><b>Goals.</b> Idle devices go to work that has use for them.
 *
 * <p><b>Constraints.</b> Only with what nobody waits for: no gang in the backlog admits the class, but for those whose
 * queue is held and those of other users who are above a bound. A gang is restarted for it, so its cool-down must have
 * passed, and all its workers must run. Limits, caps and the state of its queue hold for the grown gang as for a start.
 *
 * <p><b>Algorithm.</b> A gang of those that could be larger is placed once more as if it were gone. If it gets more
 * workers, it is asked to stop with that place kept for it. The gangs take turns, a few a round.
 */
final class Growth {
    private static final long SECOND = 1_000_000;
    private static final int MOST_LOOKED_AT = 16;

    private final Backlog backlog;
    private final Holdings holdings;
    private final Starter starter;
    private final TreeSet<GangState> elastic = new TreeSet<>(
            Comparator.comparingLong((GangState gang) -> gang.job().id()).thenComparingInt(GangState::index));

    @Nullable
    private GangState last;

    Growth(Backlog backlog, Holdings holdings, Starter starter) {
        this.backlog = backlog;
        this.holdings = holdings;
        this.starter = starter;
    }

    /** A gang began to hold something, or does so no more. */
    void follow(GangState gang, boolean holds) {
        TrainingSpec training = gang.job().spec().training();
        if (training == null || training.resizePolicy() != TrainingSpec.ResizePolicy.AT_CHECKPOINT) {
            return;
        }
        if (holds) {
            elastic.add(gang);
        } else {
            elastic.remove(gang);
        }
    }

    boolean isIdle() {
        return elastic.isEmpty();
    }

    /** @return how many events */
    int grow(long nowMicros, Consumer<JobEvent> sink) {
        if (elastic.isEmpty()) {
            return 0;
        }
        Wanted wanted = wantedClasses();
        GangState gang = last;
        for (int looked = 0; looked < Math.min(MOST_LOOKED_AT, elastic.size()); looked++) {
            GangState next = gang == null ? null : elastic.higher(gang);
            gang = next == null ? elastic.first() : next;
            if (grow(gang, wanted, nowMicros, sink)) {
                last = gang;
                return 2;
            }
        }
        last = gang;
        return 0;
    }

    /** The same for one that grew before, whoever's turn it is. */
    int again(long nowMicros, Predicate<GangState> grew, Consumer<JobEvent> sink) {
        for (GangState gang : elastic) {
            if (grew.test(gang) && grow(gang, wantedClasses(), nowMicros, sink)) {
                return 2;
            }
        }
        return 0;
    }

    /** Classes that somebody waits for who may start; and those that a user waits for who is above a bound. */
    private record Wanted(BitSet byOthers, Map<String, BitSet> byUser) {
        boolean by(GangState gang, int chipClass) {
            BitSet own = byUser.get(gang.job().userName());
            return byOthers.get(chipClass) || (own != null && own.get(chipClass));
        }
    }

    private boolean grow(GangState gang, Wanted wanted, long nowMicros, Consumer<JobEvent> sink) {
        Placement larger = mayGrow(gang, nowMicros) ? larger(gang, wanted) : null;
        if (larger == null) {
            return false;
        }
        long start = nowMicros + gang.job().spec().preemption().graceSeconds() * SECOND;
        sink.accept(Rounds.stopping(gang, StopCause.RESIZED));
        sink.accept(Rounds.reserved(gang, larger, start, ReservationCause.RESIZE));
        return true;
    }

    private Wanted wantedClasses() {
        Wanted wanted = new Wanted(new BitSet(), new HashMap<>());
        for (Shape shape : backlog.all()) {
            QueueNode queue = backlog.queueOf(shape);
            if (queue == null || !queue.open()) {
                continue;
            }
            String user = shape.head().job().userName();
            for (StartOption option : starter.optionsOf(shape.need())) {
                if (option.classNumber() >= 0) {
                    BitSet classes = aboveUser(shape.head(), queue, option)
                            ? wanted.byUser().computeIfAbsent(user, name -> new BitSet())
                            : wanted.byOthers();
                    classes.set(option.classNumber());
                }
            }
        }
        return wanted;
    }

    /** Whether a bound on its user is in the way: others may have what it waits for. */
    private boolean aboveUser(GangState gang, QueueNode queue, StartOption option) {
        Refusal refusal = holdings.tree()
                .refusal(Starter.take(gang, queue, option), gang.job().placedGangs() == 0);
        return refusal instanceof Refusal.ByUserDevices || refusal instanceof Refusal.ByUserJobs;
    }

    private static boolean mayGrow(GangState gang, long nowMicros) {
        TrainingSpec training = gang.job().spec().training();
        return training != null
                && OwnWord.admitsResizing(gang)
                && gang.workers().size()
                        < gang.profile().roles().getFirst().workers().max()
                && nowMicros - gang.assignedAtMicros() >= training.resizeCooldownSeconds() * SECOND;
    }

    private @Nullable Placement larger(GangState gang, Wanted wanted) {
        QueueNode queue = holdings.tree().of(gang.job());
        StartOption option = optionOf(gang);
        if (queue == null || !queue.open() || option == null || wanted.by(gang, option.classNumber())) {
            return null;
        }
        Placement present = new Leave(gang, 0, 0).gone();
        holdings.trying(true);
        holdings.giveBackAll(gang, present);
        try {
            // It need not grow, and less so onto a node on which it failed.
            Placement found = starter.place(gang, queue, option, gang.avoidedNodes());
            return found != null && found.workers().size() > present.workers().size() ? found : null;
        } finally {
            holdings.takeAll(gang, present);
            holdings.trying(false);
        }
    }

    private @Nullable StartOption optionOf(GangState gang) {
        List<StartOption> options = starter.optionsOf(gang);
        for (StartOption option : options) {
            boolean same = option.profile().index() == gang.profileIndex()
                    && option.chipClass() != null
                    && option.chipClass().chipClass().name().equals(gang.className());
            if (same) {
                return option;
            }
        }
        return null;
    }
}
