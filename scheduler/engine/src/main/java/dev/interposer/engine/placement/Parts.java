package dev.interposer.engine.placement;

import dev.interposer.engine.fit.Demand.ProfileDemand;
import dev.interposer.engine.fit.Demand.ProfileDemand.ClassOption;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.Ladder;
import dev.interposer.engine.fleet.Search;
import dev.interposer.engine.fleet.Trial;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.WorkerCount;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Fills one domain part by part: with groups of workers, or with levels that a gang takes whole.
 *
 * <p><b>Goals.</b> As few parts as may be.
 *
 * <p><b>Constraints.</b> Workers are taken in the order of their ranks. Every {@code groups.size} of them lie inside
 * one domain of the groups' level. Of a class with a {@code wholeLevel} a gang enters only domains of that level in
 * which nothing is bound to any device, and nothing else enters them after it. A group's level is below the whole
 * level.
 *
 * <p><b>Algorithm.</b> A part is filled before the next is opened: the smallest that can take all that is left, else
 * the largest. A part in which a group finds no place is not tried again.
 */
final class Parts {
    private final Search search;
    private final Trial trial;
    private final Worker worker;
    private final BitSet triedWhole = new BitSet();
    private final BitSet triedGroups = new BitSet();
    private int openWhole;
    private int openGroup;

    /** Binds one worker inside a domain, if it fits. */
    @FunctionalInterface
    interface Worker {
        boolean add(int role, WorkerRequest request, Domain domain);
    }

    /** What is being placed; keys of the parts' levels are −1 for none. */
    private record Gang(ProfileDemand demand, ClassOption option, Domain domain, int wholeKey, int groupKey) {
        int groupSize() {
            return Math.max(1, demand.topology().groupSize());
        }

        WorkerRequest request(int role) {
            return option.roles().get(role);
        }
    }

    /**
     * Workers that are added together.
     *
     * @param role their role; −1 for the smallest gang, whose roles follow from the ranks
     * @param first rank of the first
     * @param end rank after the last
     */
    private record Ranks(int role, int first, int end) {}

    Parts(Fleet fleet, Trial trial, Worker worker) {
        this.search = fleet.search();
        this.trial = trial;
        this.worker = worker;
    }

    /** Whether a gang on a class is placed in parts. */
    static boolean concern(ProfileDemand demand, ClassOption option) {
        return demand.topology().groupSize() > 0 || option.ladder().wholeStep() >= 0;
    }

    /** Binds the smallest gang and as many more workers as are allowed and fit; or nothing. */
    boolean fill(ProfileDemand demand, ClassOption option, Domain domain, int mostWorkers) {
        Gang gang = gang(demand, option, domain);
        openWhole = -1;
        openGroup = -1;
        if (gang == null || !add(gang, new Ranks(-1, 0, demand.minWorkers()))) {
            return false;
        }
        for (int role = 0; role < option.roles().size(); role++) {
            WorkerCount count = demand.counts().get(role).workers();
            int now = count.min();
            while (now + count.step() <= count.max()
                    && trial.size() + count.step() <= mostWorkers
                    && add(gang, new Ranks(role, now, now + count.step()))) {
                now += count.step();
            }
        }
        return true;
    }

    /** Null when the domain can't hold such a gang, whatever is free in it. */
    private @Nullable Gang gang(ProfileDemand demand, ClassOption option, Domain domain) {
        Ladder ladder = option.ladder();
        int within = ladder.stepOf(domain.key());
        int whole = ladder.wholeStep();
        boolean parts = whole >= 0 && whole < within;
        if (whole >= within && !untouched(option, domain, ladder.key(whole))) {
            return null;
        }
        boolean grouped = demand.topology().groupSize() > 0;
        int group = grouped ? ladder.step(demand.topology().groupRequired()) : within;
        if (group < 0 || (grouped && parts && group > whole)) {
            return null;
        }
        // Inside of a domain of the groups' level every group is where it must be.
        grouped &= group < within && !(parts && group == whole);
        return new Gang(demand, option, domain, parts ? ladder.key(whole) : -1, grouped ? ladder.key(group) : -1);
    }

    /** Whether nothing is bound in the whole level's domain around a domain. */
    private boolean untouched(ClassOption option, Domain domain, int wholeKey) {
        int home = domain.key() == wholeKey ? domain.number() : search.parent(domain.key(), domain.number(), wholeKey);
        return home >= 0 && search.busy(option.number(), wholeKey, home) == 0;
    }

    private boolean add(Gang gang, Ranks ranks) {
        int before = trial.size();
        int wholeBefore = openWhole;
        int groupBefore = openGroup;
        triedWhole.clear();
        triedGroups.clear();
        for (int rank = ranks.first(); rank < ranks.end(); rank += gang.groupSize()) {
            if (!addGroup(gang, new Ranks(ranks.role(), rank, ranks.end()))) {
                trial.rollbackTo(before);
                openWhole = wholeBefore;
                openGroup = groupBefore;
                return false;
            }
        }
        return true;
    }

    /** Binds the first group of the ranks. */
    private boolean addGroup(Gang gang, Ranks ranks) {
        if (gang.wholeKey() < 0) {
            return inPart(gang, ranks, gang.domain());
        }
        if (openWhole >= 0 && inPart(gang, ranks, new Domain(gang.wholeKey(), openWhole))) {
            return true;
        }
        for (int next = nextWhole(gang, ranks); next >= 0; next = nextWhole(gang, ranks)) {
            triedWhole.set(next);
            openWhole = next;
            if (inPart(gang, ranks, new Domain(gang.wholeKey(), next))) {
                return true;
            }
        }
        return false;
    }

    private boolean inPart(Gang gang, Ranks ranks, Domain part) {
        if (gang.groupKey() < 0) {
            return inDomain(gang, ranks, part);
        }
        if (openGroup >= 0
                && search.parent(gang.groupKey(), openGroup, part.key()) == part.number()
                && inDomain(gang, ranks, new Domain(gang.groupKey(), openGroup))) {
            return true;
        }
        for (int next = nextGroup(gang, ranks, part); next >= 0; next = nextGroup(gang, ranks, part)) {
            triedGroups.set(next);
            openGroup = next;
            if (inDomain(gang, ranks, new Domain(gang.groupKey(), next))) {
                return true;
            }
        }
        return false;
    }

    private boolean inDomain(Gang gang, Ranks ranks, Domain domain) {
        int before = trial.size();
        int end = Math.min(ranks.end(), ranks.first() + gang.groupSize());
        for (int rank = ranks.first(); rank < end; rank++) {
            int role = ranks.role() < 0 ? roleOf(gang, rank) : ranks.role();
            if (!worker.add(role, gang.request(role), domain)) {
                trial.rollbackTo(before);
                return false;
            }
        }
        return true;
    }

    private int nextWhole(Gang gang, Ranks ranks) {
        int best = -1;
        long wanted = devices(gang, ranks, ranks.end());
        int chipClass = gang.option().number();
        for (long at = search.nextDomain(chipClass, gang.wholeKey(), 1, -1);
                at >= 0;
                at = search.nextDomain(chipClass, gang.wholeKey(), 1, at)) {
            int domain = (int) at;
            if (!triedWhole.get(domain)
                    && search.busy(chipClass, gang.wholeKey(), domain) == 0
                    && search.parent(gang.wholeKey(), domain, gang.domain().key())
                            == gang.domain().number()) {
                best = domain;
                if (search.free(chipClass, gang.wholeKey(), domain) >= wanted) {
                    return domain;
                }
            }
        }
        return best;
    }

    private int nextGroup(Gang gang, Ranks ranks, Domain part) {
        int best = -1;
        long wanted = devices(gang, ranks, ranks.end());
        int least = (int) devices(gang, ranks, Math.min(ranks.end(), ranks.first() + gang.groupSize()));
        int chipClass = gang.option().number();
        for (long at = search.nextDomain(chipClass, gang.groupKey(), least, -1);
                at >= 0;
                at = search.nextDomain(chipClass, gang.groupKey(), least, at)) {
            int domain = (int) at;
            if (!triedGroups.get(domain) && search.parent(gang.groupKey(), domain, part.key()) == part.number()) {
                best = domain;
                if (search.free(chipClass, gang.groupKey(), domain) >= wanted) {
                    return domain;
                }
            }
        }
        return best;
    }

    /** Whole devices of the ranks before one. */
    private static long devices(Gang gang, Ranks ranks, int end) {
        long devices = 0;
        for (int rank = ranks.first(); rank < end; rank++) {
            WorkerRequest request = gang.request(ranks.role() < 0 ? roleOf(gang, rank) : ranks.role());
            devices += request.whole() ? request.devices() : 0;
        }
        return devices;
    }

    /** Role of a rank of the smallest gang. */
    private static int roleOf(Gang gang, int rank) {
        int end = 0;
        for (int role = 0; role < gang.option().roles().size(); role++) {
            end += gang.demand().counts().get(role).workers().min();
            if (rank < end) {
                return role;
            }
        }
        throw new IllegalStateException("the smallest gang has no rank " + rank);
    }
}
