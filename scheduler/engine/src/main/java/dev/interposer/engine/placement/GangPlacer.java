package dev.interposer.engine.placement;

import dev.interposer.engine.fit.Demand.ProfileDemand;
import dev.interposer.engine.fit.Demand.ProfileDemand.ClassOption;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.Ladder;
import dev.interposer.engine.fleet.Search;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.Ids;
import org.jspecify.annotations.Nullable;

/**
 * Places the workers of one gang, all or none.
 *
 * <p><b>Goals.</b> As many workers as the profile allows and the fleet has room for; in the preferred domain if one
 * has room.
 *
 * <p><b>Constraints.</b> One class, which the caller names; one cluster, one domain of the required level, and one of
 * each level over which the replicas of the job are spread, where the rules of spread allow another replica. The
 * smallest number of workers is placed whole or not at all. The search is bounded: at most {@value #MOST_DOMAINS}
 * domains a level.
 *
 * <p><b>Algorithm.</b> The domains of the preferred level, then those of the required one (the cluster when none is
 * named), fewest free devices first; in each, see {@link Filling}. The first domain that takes the minimum wins.
 */
public final class GangPlacer {
    private static final int MOST_DOMAINS = 256;

    private final Fleet fleet;
    private final Search search;
    private final PlacementPolicy policy;
    private final Filling filling;
    private final SpreadRules spreadRules;

    public GangPlacer(Fleet fleet, PlacementPolicy policy) {
        this.fleet = fleet;
        this.search = fleet.search();
        this.policy = policy;
        this.filling = new Filling(fleet, policy);
        this.spreadRules = new SpreadRules(fleet);
    }

    /**
     * Whether a profile is placed without naming a class: it asks for no devices, or the policy weighs the classes of
     * a single worker itself.
     */
    public boolean classless(ProfileDemand demand) {
        return demand.withoutDevices()
                || (policy.weighsClasses()
                        && demand.maxWorkers() == 1
                        && !demand.classes().isEmpty());
    }

    /**
     * The gang in its place on one class, with the fleet as it was before; or null.
     *
     * @param option one of the profile's classes; null if and only if the profile is {@link #classless}
     */
    public @Nullable Placement place(ProfileDemand demand, @Nullable ClassOption option, Bounds bounds) {
        if (bounds.mostWorkers() < demand.minWorkers()) {
            return null;
        }
        if (bounds.avoided().size() == 0) {
            return placeAnywhere(demand, option, bounds);
        }
        fleet.hide(bounds.avoided());
        try {
            return placeAnywhere(demand, option, bounds);
        } finally {
            fleet.hide(Ids.NONE);
        }
    }

    private @Nullable Placement placeAnywhere(ProfileDemand demand, @Nullable ClassOption option, Bounds bounds) {
        return option == null ? onAnyClass(demand, bounds) : onClass(demand, option, bounds);
    }

    private @Nullable Placement onAnyClass(ProfileDemand demand, Bounds bounds) {
        int key = fleet.clusterKey();
        for (int cluster = 0; cluster < fleet.domainCount(key); cluster++) {
            Placement placement = filling.fill(demand, null, new Domain(key, cluster), bounds.mostWorkers());
            if (placement != null) {
                return placement;
            }
        }
        return null;
    }

    private @Nullable Placement onClass(ProfileDemand demand, ClassOption option, Bounds bounds) {
        if (fleet.freeTotal(option.number()) < demand.minWholeDevices()) {
            return null;
        }
        Ladder ladder = option.ladder();
        int finest = ladder.steps() - 1;
        Spread spread = bounds.spread();
        if (spread != null) {
            finest = spreadRules.prepare(spread, option, Math.max(1, demand.minWholeDevices()));
        }
        int required = Math.min(finest, ladder.step(demand.topology().required()));
        if (required < 0) {
            return null;
        }
        int preferred = demand.topology().preferred().isEmpty()
                ? required
                : Math.min(required, ladder.step(demand.topology().preferred()));
        if (preferred >= 0 && preferred < required) {
            Placement placement = inLevel(demand, option, preferred, bounds);
            if (placement != null) {
                return placement;
            }
        }
        return inLevel(demand, option, required, bounds);
    }

    private @Nullable Placement inLevel(ProfileDemand demand, ClassOption option, int step, Bounds bounds) {
        Placement placement = inDomains(demand, option, option.number(), step, bounds);
        if (placement == null) {
            // Where every device is a partition by now, the class itself has no room.
            for (WorkerRequest role : option.roles()) {
                if (role.partitioned()) {
                    return inDomains(demand, option, role.splitClass(), step, bounds);
                }
            }
        }
        return placement;
    }

    private @Nullable Placement inDomains(
            ProfileDemand demand, ClassOption option, int chipClass, int step, Bounds bounds) {
        int key = option.ladder().key(step);
        int least = demand.minWholeDevices();
        int tried = 0;
        for (long at = search.nextDomain(chipClass, key, least, -1);
                at >= 0 && tried < MOST_DOMAINS;
                at = search.nextDomain(chipClass, key, least, at)) {
            int domain = (int) at;
            if (bounds.spread() == null || spreadRules.allow(key, domain)) {
                tried++;
                Placement placement = filling.fill(demand, option, new Domain(key, domain), bounds.mostWorkers());
                if (placement != null) {
                    return placement;
                }
            }
        }
        return null;
    }
}
