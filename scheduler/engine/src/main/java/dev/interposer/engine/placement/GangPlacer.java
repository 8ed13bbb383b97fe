package dev.interposer.engine.placement;

import dev.interposer.engine.fit.Demand.ProfileDemand;
import dev.interposer.engine.fit.Demand.ProfileDemand.ClassOption;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.model.WorkerPlacement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Places the workers of one gang, all or none.
 *
 * <p><b>Goals.</b> As many workers as the profile allows and the fleet has room for; in the preferred domain if one
 * has room.
 *
 * <p><b>Constraints.</b> One class, which the caller names; one cluster, one domain of the required level. The smallest number of workers is
 * placed whole or not at all. The search is bounded: at most {@value #MOST_DOMAINS} domains a level.
 *
 * <p><b>Algorithm.</b> The domains of the preferred level, then those of the
 * required one (the cluster when none is named), least free devices first; in each, role by role, the minimum of every
 * role by the policy, then more workers step by step while they fit. The first domain that takes the minimum wins.
 */
public final class GangPlacer {
    private static final int MOST_DOMAINS = 256;

    private final Fleet fleet;
    private final PlacementPolicy policy;

    public GangPlacer(Fleet fleet, PlacementPolicy policy) {
        this.fleet = fleet;
        this.policy = policy;
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
        if (option == null) {
            return inDomains(demand, demand.roles(), null, fleet.clusterKey(), bounds);
        }
        return ofClass(demand, option, bounds);
    }

    private @Nullable Placement ofClass(ProfileDemand demand, ClassOption option, Bounds bounds) {
        if (fleet.freeTotal(option.number()) < demand.minDevices() && noneShared(demand)) {
            return null;
        }
        List<WorkerRequest> roles = demand.roles().stream()
                .map(role -> role.classCount() == 1 ? role : role.ofClass(option.number()))
                .toList();
        for (String level : levels(demand)) {
            int key = level.isEmpty() ? fleet.clusterKey() : fleet.levelKey(option.chipClass(), level);
            Placement placement = key < 0 ? null : inDomains(demand, roles, option, key, bounds);
            if (placement != null) {
                return placement;
            }
        }
        return null;
    }

    private static boolean noneShared(ProfileDemand demand) {
        return demand.roles().stream().noneMatch(WorkerRequest::shared);
    }

    private static List<String> levels(ProfileDemand demand) {
        String preferred = demand.topology().preferred();
        String required = demand.topology().required();
        return preferred.isEmpty() || preferred.equals(required) ? List.of(required) : List.of(preferred, required);
    }

    private @Nullable Placement inDomains(
            ProfileDemand demand, List<WorkerRequest> roles, @Nullable ClassOption option, int key, Bounds bounds) {
        int tried = 0;
        for (Domain domain : domains(demand, option, key)) {
            if (++tried > MOST_DOMAINS) {
                return null;
            }
            Placement placement = inDomain(demand, roles, domain, bounds);
            if (placement != null) {
                return placement;
            }
        }
        return null;
    }

    /** Domains that may have room, those with the least first. */
    private List<Domain> domains(ProfileDemand demand, @Nullable ClassOption option, int key) {
        int count = fleet.domainCount(key);
        if (count == 1 || option == null) {
            List<Domain> all = new ArrayList<>(count);
            for (int number = 0; number < count; number++) {
                all.add(new Domain(key, number));
            }
            return all;
        }
        long[] free = new long[count];
        for (int devices = 1; devices <= fleet.mostFree(option.number()); devices++) {
            int node = fleet.nextWithFree(option.number(), devices, 0);
            while (node >= 0) {
                int domain = fleet.domainOf(key, node);
                if (domain >= 0) {
                    free[domain] += devices;
                }
                node = fleet.nextWithFree(option.number(), devices, node + 1);
            }
        }
        boolean whole = noneShared(demand);
        List<Domain> found = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            if (!whole || free[number] >= demand.minDevices()) {
                found.add(new Domain(key, number));
            }
        }
        found.sort(Comparator.comparingLong((Domain domain) -> free[domain.number()])
                .thenComparingInt(Domain::number));
        return found;
    }

    private @Nullable Placement inDomain(
            ProfileDemand demand, List<WorkerRequest> roles, Domain domain, Bounds bounds) {
        Trial trial = new Trial(fleet);
        try {
            for (int role = 0; role < roles.size(); role++) {
                int min = demand.counts().get(role).workers().min();
                if (!add(trial, role, roles.get(role), domain, min)) {
                    return null;
                }
            }
            for (int role = 0; role < roles.size(); role++) {
                WorkerCount count = demand.counts().get(role).workers();
                grow(trial, role, roles.get(role), domain, atMost(count, bounds.mostWorkers() - trial.size()));
            }
            int chipClass = trial.chipClass();
            return new Placement(demand.index(), chipClass < 0 ? "" : fleet.className(chipClass), byRole(trial));
        } finally {
            trial.rollbackTo(0);
        }
    }

    private static List<WorkerPlacement> byRole(Trial trial) {
        return trial.workers().stream()
                .sorted(Comparator.comparingInt(WorkerPlacement::role))
                .toList();
    }

    /** The same count, with its maximum so low that no more than {@code more} workers are added to the minimum. */
    private static WorkerCount atMost(WorkerCount count, int more) {
        return new WorkerCount(count.min(), (int) Math.min(count.max(), (long) count.min() + more), count.step());
    }

    private void grow(Trial trial, int role, WorkerRequest request, Domain domain, WorkerCount count) {
        for (int workers = count.min() + count.step(); workers <= count.max(); workers += count.step()) {
            if (!add(trial, role, request, domain, count.step())) {
                return;
            }
        }
    }

    /** Binds so many more workers, or none. */
    private boolean add(Trial trial, int role, WorkerRequest request, Domain domain, int workers) {
        int before = trial.size();
        for (int worker = 0; worker < workers; worker++) {
            int node = policy.chooseNode(fleet, request, domain);
            if (node < 0) {
                trial.rollbackTo(before);
                return false;
            }
            trial.bind(role, node, policy.chooseDevices(fleet, request, node), request);
        }
        return true;
    }
}
