package dev.interposer.engine.plan;

import dev.interposer.engine.fairness.QueueNode;
import dev.interposer.engine.fairness.Refusal;
import dev.interposer.engine.fairness.Take;
import dev.interposer.engine.fit.Demands;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.order.Blocker;
import dev.interposer.engine.placement.Bounds;
import dev.interposer.engine.placement.GangPlacer;
import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.placement.Spread;
import dev.interposer.engine.preemption.Holdings;
import dev.interposer.engine.preemption.OwnWord;
import dev.interposer.engine.sourcing.Sourcing;
import dev.interposer.engine.state.GangState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tries to start one gang.
 *
 * <p><b>Goals.</b> The cheapest profile and class that may start and has a place.
 *
 * <p><b>Constraints.</b> In this order: what the job itself allows, the limits of its queues and of its user, then
 * room. A job that has run once goes on under the same profile unless it allows a change between equal checkpoint
 * formats. A node on which an attempt of it failed is its last resort: any other place comes before, whatever its
 * price.
 *
 * <p><b>Algorithm.</b> The options by price; the first that passes all checks wins. What each of the others lacked is
 * kept as its blocker. For a gang that has failed, first without the nodes on which it did; what it lacks is what it
 * lacks with them, so that it waits for nothing that one that never failed would not wait for.
 */
final class Starter {
    private static final List<Ids> NONE_AVOIDED = List.of(Ids.NONE);

    private final Demands demands;
    private final Holdings holdings;
    private final GangPlacer placer;
    private final Sourcing sourcing;
    private final List<@Nullable List<StartOption>> options = new ArrayList<>();
    private final List<Blocker> blockers = new ArrayList<>();
    private boolean lacksRoom;

    Starter(Demands demands, Holdings holdings, GangPlacer placer, Sourcing sourcing) {
        this.demands = demands;
        this.holdings = holdings;
        this.placer = placer;
        this.sourcing = sourcing;
    }

    /** Classes or prices changed. */
    void refresh() {
        options.clear();
    }

    /** A place for the gang, with everything as it was before; or null: see {@link #blockers}. */
    @Nullable
    Placement find(GangState gang, QueueNode queue) {
        Ids avoided = gang.avoidedNodes();
        Placement elsewhere = avoided.size() == 0 ? null : find(gang, queue, avoided);
        return elsewhere == null ? find(gang, queue, Ids.NONE) : elsewhere;
    }

    private @Nullable Placement find(GangState gang, QueueNode queue, Ids avoided) {
        blockers.clear();
        lacksRoom = false;
        List<StartOption> all = ranked(gang);
        boolean another = gang.job().placedGangs() == 0;
        for (int index = 0; index < all.size(); index++) {
            StartOption option = all.get(index);
            if (!OwnWord.admitsProfile(gang, option.profile().index())) {
                continue;
            }
            Take take = take(gang, queue, option);
            Refusal refusal = holdings.tree().refusal(take, another);
            if (refusal != null) {
                blockers.add(blockerOf(refusal, take));
                continue;
            }
            if (sourced(gang, option, option.minMilli()) != null) {
                blockers.add(new Blocker.Release());
                continue;
            }
            Placement placement = place(gang, queue, option, avoided);
            if (placement != null) {
                return placement;
            }
            lacksRoom = true;
            // Where the other replicas are matters as much as room: any release may help.
            blockers.add(Spread.of(gang) == null ? option.room() : new Blocker.Release());
        }
        if (blockers.isEmpty()) {
            blockers.add(new Blocker.Settings());
        }
        return null;
    }

    /** A place on one class and outside of some nodes, within the head-room and the caps; or null. */
    @Nullable
    Placement place(GangState gang, QueueNode queue, StartOption option, Ids avoided) {
        Bounds bounds = bounds(gang, queue, option, avoided);
        Placement placement = placer.place(option.profile(), option.chipClass(), bounds);
        int min = option.profile().minWorkers();
        if (placement == null || placement.workers().size() <= min) {
            return placement;
        }
        int most = allowed(gang, queue, option, placement.workers().size());
        if (most == placement.workers().size()) {
            return placement;
        }
        // More workers would take what is withheld for others, or break a cap.
        return placer.place(option.profile(), option.chipClass(), new Bounds(most, bounds.spread(), avoided));
    }

    /** How many of so many workers may start, by halving: what is allowed is allowed with fewer. */
    private int allowed(GangState gang, QueueNode queue, StartOption option, int workers) {
        int low = option.profile().minWorkers();
        int high = workers;
        for (int tried = high; low < high; tried = low + (high - low + 1) / 2) {
            long milli = option.minMilli()
                    + option.perWorkerMilli() * (tried - option.profile().minWorkers());
            Take take = new Take(queue, gang.job().userName(), option.classNumber(), milli);
            if (holdings.tree().refusal(take, false) == null && sourced(gang, option, milli) == null) {
                low = tried;
            } else {
                high = tried - 1;
            }
        }
        return low;
    }

    /** The policy that keeps the gang off a class, or null. */
    @Nullable
    Reason sourced(GangState gang, StartOption option, long milli) {
        return sourcing.blocks(gang.job(), option.classNumber(), milli);
    }

    /** The options by price, raised where a soft bound of a policy would be missed. */
    private List<StartOption> ranked(GangState gang) {
        List<StartOption> known = optionsOf(gang);
        boolean raised = false;
        for (int index = 0; known.size() > 1 && index < known.size() && !raised; index++) {
            raised = penaltyMilli(gang, known.get(index)) > 0;
        }
        if (!raised) {
            return known;
        }
        List<StartOption> ranked = new ArrayList<>(known);
        ranked.sort(
                Comparator.comparingLong(option -> option.priceMilli() * (1000 + penaltyMilli(gang, option)) / 1000));
        return ranked;
    }

    private long penaltyMilli(GangState gang, StartOption option) {
        return sourcing.penaltyMilli(gang.job(), option.classNumber(), option.minMilli());
    }

    /** What the last gang that found no place lacked. */
    List<Blocker> blockers() {
        return blockers;
    }

    /** Whether the last gang that found no place had an option that lacked nothing but room. */
    boolean lacksRoom() {
        return lacksRoom;
    }

    List<StartOption> optionsOf(GangState gang) {
        return optionsOf(demands.number(gang.job().specId(), gang.job().spec()));
    }

    /** By the number of a demand. */
    List<StartOption> optionsOf(int demand) {
        while (options.size() <= demand) {
            options.add(null);
        }
        List<StartOption> known = options.get(demand);
        if (known == null) {
            known = StartOption.of(demands.ofNumber(demand), placer, holdings.fleet());
            options.set(demand, known);
        }
        return known;
    }

    static Take take(GangState gang, QueueNode queue, StartOption option) {
        return new Take(queue, gang.job().userName(), option.classNumber(), option.minMilli());
    }

    /** The nodes that a gang does without, one try after the other: those on which it failed, then none. */
    static List<Ids> avoidances(GangState gang) {
        return gang.avoidedNodes().size() == 0 ? NONE_AVOIDED : List.of(gang.avoidedNodes(), Ids.NONE);
    }

    /** No more workers than it needs. */
    static Bounds smallest(GangState gang, StartOption option, Ids avoided) {
        return new Bounds(option.profile().minWorkers(), Spread.of(gang), avoided);
    }

    /** As many workers as the head-room of its queues and user allows. */
    private Bounds bounds(GangState gang, QueueNode queue, StartOption option, Ids avoided) {
        Spread spread = Spread.of(gang);
        if (option.profile().maxWorkers() == option.profile().minWorkers() || option.perWorkerMilli() == 0) {
            return spread == null && avoided.size() == 0 ? Bounds.NONE : new Bounds(Integer.MAX_VALUE, spread, avoided);
        }
        long room = holdings.tree().headroomMilli(queue, gang.job().userName(), option.classNumber());
        long more = (room - option.minMilli()) / option.perWorkerMilli();
        long most = Math.max(0, more) + option.profile().minWorkers();
        return new Bounds((int) Math.min(Integer.MAX_VALUE, most), spread, avoided);
    }

    private Blocker blockerOf(Refusal refusal, Take take) {
        return switch (refusal) {
            case Refusal.ByLimit limit -> new Blocker.AtLimit(limit.limit(), limit.neededMilli());
            case Refusal.ByUserDevices user -> new Blocker.AtUser(user.queue(), user.userName());
            case Refusal.ByUserJobs user -> new Blocker.AtUser(user.queue(), user.userName());
            case Refusal.ByWithholding withheld ->
                // Whose user it is makes no difference there.
                new Blocker.Withheld(holdings.tree(), new Take(take.queue(), "", take.chipClass(), take.milli()));
        };
    }
}
