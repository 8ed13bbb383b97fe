package dev.interposer.engine.placement;

import dev.interposer.engine.fit.Demand.ProfileDemand;
import dev.interposer.engine.fit.Demand.ProfileDemand.ClassOption;
import dev.interposer.engine.fleet.Chosen;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.Ladder;
import dev.interposer.engine.fleet.Trial;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.model.WorkerPlacement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fills one domain with the workers of one gang.
 *
 * <p><b>Goals.</b> The smallest gang first, then as many more workers as are allowed and fit; neighbours in rank are
 * neighbours in topology.
 *
 * <p><b>Constraints.</b> The minimum of every role is placed, or nothing. Groups, and levels that are taken whole, are
 * kept; see {@link Parts}.
 *
 * <p><b>Algorithm.</b> Role by role the minimum, then role by role more, step by step; each worker where the policy
 * puts it. Ranks are given at the end: by role, then by the domains of the class's ladder from the largest to the
 * smallest.
 */
final class Filling {
    private final Fleet fleet;
    private final PlacementPolicy policy;
    private final Trial trial;
    private final Parts parts;
    private final Chosen chosen = new Chosen();

    Filling(Fleet fleet, PlacementPolicy policy) {
        this.fleet = fleet;
        this.policy = policy;
        this.trial = new Trial(fleet);
        this.parts = new Parts(fleet, trial, this::addOne);
    }

    /** The gang inside the domain, with the fleet as it was before; or null. */
    @Nullable
    Placement fill(ProfileDemand demand, @Nullable ClassOption option, Domain domain, int mostWorkers) {
        List<WorkerRequest> roles = option == null ? demand.roles() : option.roles();
        boolean plain = option == null || !Parts.concern(demand, option);
        if (plain && demand.maxWorkers() == 1) {
            return single(demand, option, roles.getFirst(), domain);
        }
        try {
            boolean placed = plain
                    ? all(demand, roles, domain, mostWorkers)
                    : option != null && parts.fill(demand, option, domain, mostWorkers);
            if (!placed) {
                return null;
            }
            // Groups that cross roles are in order of rank already.
            boolean ranked = demand.topology().groupSize() == 0 || roles.size() == 1;
            Ladder ladder = option != null && ranked ? option.ladder() : null;
            return new Placement(demand.index(), className(option, trial.chipClass()), trial.placements(ladder));
        } finally {
            trial.rollbackTo(0);
        }
    }

    /** A gang of one worker needs no trial. */
    private @Nullable Placement single(
            ProfileDemand demand, @Nullable ClassOption option, WorkerRequest request, Domain domain) {
        int node = policy.chooseNode(fleet, request, domain);
        if (node < 0) {
            return null;
        }
        policy.chooseDevices(fleet, request, node, chosen);
        Ids ids = Ids.of(chosen.size(), at -> fleet.deviceId(node, chosen.get(at)));
        int chipClass = chosen.size() == 0 ? -1 : fleet.deviceClass(node, chosen.get(0));
        List<WorkerPlacement> workers = List.of(new WorkerPlacement(0, fleet.nodeId(node), ids, chosen.start()));
        return new Placement(demand.index(), className(option, chipClass), workers);
    }

    private String className(@Nullable ClassOption option, int chipClass) {
        if (chipClass < 0) {
            return "";
        }
        return option == null ? fleet.className(chipClass) : option.chipClass().name();
    }

    private boolean all(ProfileDemand demand, List<WorkerRequest> roles, Domain domain, int mostWorkers) {
        for (int role = 0; role < roles.size(); role++) {
            if (!add(
                    role,
                    roles.get(role),
                    domain,
                    demand.counts().get(role).workers().min())) {
                return false;
            }
        }
        for (int role = 0; role < roles.size(); role++) {
            WorkerCount count = demand.counts().get(role).workers();
            int now = count.min();
            while (now + count.step() <= count.max()
                    && trial.size() + count.step() <= mostWorkers
                    && add(role, roles.get(role), domain, count.step())) {
                now += count.step();
            }
        }
        return true;
    }

    /** Binds so many more workers, or none. */
    private boolean add(int role, WorkerRequest request, Domain domain, int workers) {
        int before = trial.size();
        for (int worker = 0; worker < workers; worker++) {
            if (!addOne(role, request, domain)) {
                trial.rollbackTo(before);
                return false;
            }
        }
        return true;
    }

    private boolean addOne(int role, WorkerRequest request, Domain domain) {
        int node = policy.chooseNode(fleet, request, domain);
        if (node < 0) {
            return false;
        }
        policy.chooseDevices(fleet, request, node, chosen);
        trial.bind(role, node, chosen, request);
        return true;
    }
}
