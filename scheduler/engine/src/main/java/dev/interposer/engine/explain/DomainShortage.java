package dev.interposer.engine.explain;

import dev.interposer.engine.fit.Demand.ProfileDemand;
import dev.interposer.engine.fit.Demand.ProfileDemand.ClassOption;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.Ladder;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.placement.GangPlacer;
import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.placement.Spread;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What is short of work that finds places enough, but not where its levels want them. Room is counted worker by worker
 * for gangs of one role; where that finds enough, or several roles share a domain, by placing a part of the gang.
 */
final class DomainShortage {
    private final Fleet fleet;
    private final Rooms rooms;
    private final GangPlacer placer;

    /** The domain with the most room for workers; −1 for none. */
    private record Best(int domain, long places) {}

    DomainShortage(Fleet fleet, Rooms rooms, GangPlacer placer) {
        this.fleet = fleet;
        this.rooms = rooms;
        this.placer = placer;
    }

    /**
     * The required level, the groups, or the level that is taken whole where the required one has room.
     *
     * @param option null for work without devices
     */
    Reason ofLevels(ProfileDemand profile, @Nullable ClassOption option) {
        String required = profile.topology().required();
        Map<String, String> given = facts(profile, option, required.isEmpty() ? "cluster" : required);
        if (option == null) {
            return ofPart(ReasonCode.TOPOLOGY, given, new Part(profile, null, null, fleet.clusterKey()));
        }
        Ladder ladder = option.ladder();
        if (ladder.step(required) < 0) {
            given.put("missing", Integer.toString(profile.minWorkers()));
            return new Reason(ReasonCode.TOPOLOGY, given);
        }
        int key = ladder.key(ladder.step(required));
        Best best = best(profile, option, key, node -> true);
        if (best.places() < profile.minWorkers() && single(profile)) {
            put(given, profile, key, best);
            return new Reason(ReasonCode.TOPOLOGY, given);
        }
        Reason whole = ladder.wholeStep() < 0 ? null : ofWholeLevel(profile, option, key);
        if (whole != null) {
            return whole;
        }
        return profile.topology().groupSize() > 0
                        && placer.place(profile.ungrouped(), option, Explainer.bounds(null)) != null
                ? ofGroups(profile, option, key)
                : ofPart(ReasonCode.TOPOLOGY, given, new Part(profile, option, null, key));
    }

    private @Nullable Reason ofWholeLevel(ProfileDemand profile, ClassOption option, int key) {
        int wholeKey = option.ladder().key(option.ladder().wholeStep());
        int chipClass = option.number();
        Best best = best(profile, option, key, node -> busy(chipClass, wholeKey, node) == 0);
        if (best.places() >= needed(profile)) {
            return null;
        }
        int nearest = -1;
        long fewest = Long.MAX_VALUE;
        for (int node = fleet.nextSchedulable(0); node >= 0; node = fleet.nextSchedulable(node + 1)) {
            long busy = busy(chipClass, wholeKey, node);
            if (busy > 0 && busy < fewest) {
                fewest = busy;
                nearest = fleet.domainOf(wholeKey, node);
            }
        }
        Map<String, String> given =
                facts(profile, option, option.ladder().name(option.ladder().wholeStep()));
        put(given, profile, wholeKey, new Best(nearest, best.places()));
        given.put("busy", Long.toString(nearest < 0 ? 0 : fewest));
        return new Reason(ReasonCode.WHOLE_LEVEL, given);
    }

    /** Busy devices in the whole level's domain around a node; −1 outside of every such domain. */
    private long busy(int chipClass, int wholeKey, int node) {
        int home = fleet.domainOf(wholeKey, node);
        return home < 0 ? -1 : fleet.search().busy(chipClass, wholeKey, home);
    }

    /** @param rule that which leaves no place */
    Reason ofSpread(ProfileDemand profile, ClassOption option, Spread spread, InferenceSpec.Spread rule) {
        Map<String, String> given = facts(profile, option, rule.level());
        given.put("maxSkew", Integer.toString(rule.maxSkew()));
        int step = option.ladder().step(rule.level());
        if (step < 0) {
            given.put("missing", Integer.toString(profile.minWorkers()));
            return new Reason(ReasonCode.SPREAD, given);
        }
        int key = option.ladder().key(step);
        int[] replicas = new int[fleet.domainCount(key)];
        for (int other = 0; other < spread.others().size(); other++) {
            int node = fleet.nodeSlot(spread.others().get(other));
            int domain = node < 0 ? -1 : fleet.domainOf(key, node);
            if (domain >= 0) {
                replicas[domain]++;
            }
        }
        int fewest = Integer.MAX_VALUE;
        int least = Math.max(1, profile.minWholeDevices());
        for (int domain = 0; domain < replicas.length; domain++) {
            if (fleet.search().usable(option.number(), key, domain) >= least) {
                fewest = Math.min(fewest, replicas[domain]);
            }
        }
        long most = (long) fewest + rule.maxSkew();
        Best best = best(profile, option, key, node -> replicas[fleet.domainOf(key, node)] < most);
        if (best.places() >= profile.minWorkers() || !single(profile)) {
            return ofPart(ReasonCode.SPREAD, given, new Part(profile, option, spread, key));
        }
        put(given, profile, key, best);
        return new Reason(ReasonCode.SPREAD, given);
    }

    // ---- worker by worker

    private static boolean single(ProfileDemand profile) {
        return profile.roles().size() == 1;
    }

    /** @param counts asked of nodes that lie in a domain of the key */
    private Best best(ProfileDemand profile, ClassOption option, int key, IntPredicate counts) {
        long[] places = new long[fleet.domainCount(key)];
        int chipClass = option.number();
        int best = -1;
        for (int node = fleet.nextSchedulable(0); node >= 0; node = fleet.nextSchedulable(node + 1)) {
            int domain = fleet.domainOf(key, node);
            boolean serves = domain >= 0 && fleet.search().usable(chipClass, key, domain) > 0;
            if (serves && counts.test(node)) {
                places[domain] += rooms.of(option.roles().get(largestRole(profile)), chipClass, node);
                best = best < 0 || places[domain] > places[best] ? domain : best;
            }
        }
        return new Best(best, best < 0 ? 0 : places[best]);
    }

    private static int largestRole(ProfileDemand profile) {
        int largest = 0;
        for (int role = 1; role < profile.counts().size(); role++) {
            boolean larger = profile.counts().get(role).workers().min()
                    > profile.counts().get(largest).workers().min();
            largest = larger ? role : largest;
        }
        return largest;
    }

    private static Map<String, String> facts(ProfileDemand profile, @Nullable ClassOption option, String level) {
        Map<String, String> given =
                new TreeMap<>(Map.of("level", level, "needed", Integer.toString(profile.minWorkers())));
        if (option != null) {
            given.put("class", option.chipClass().name());
        }
        return given;
    }

    private void put(Map<String, String> given, ProfileDemand profile, int key, Best best) {
        given.put("best", Long.toString(best.places()));
        given.put("domain", best.domain() < 0 ? "" : fleet.domainName(key, best.domain()));
        given.put("missing", Long.toString(needed(profile) - best.places()));
    }

    /** Workers of the role with the most of them. */
    private static int needed(ProfileDemand profile) {
        return profile.counts().get(largestRole(profile)).workers().min();
    }

    // ---- as the gang is placed

    /** A gang of which a part is placed; {@code key} names the domain that is told. */
    private record Part(
            ProfileDemand profile,
            @Nullable ClassOption option,
            @Nullable Spread spread,
            int key) {}

    private Reason ofPart(ReasonCode code, Map<String, String> given, Part part) {
        FirstWorkers found = FirstWorkers.of(placer, part.profile(), part.option(), Explainer.bounds(part.spread()));
        int domain = domainOf(found.place(), part.key());
        if (domain < 0 && part.option() != null) {
            domain = best(part.profile(), part.option(), part.key(), node -> true)
                    .domain();
        }
        given.put("best", Integer.toString(found.count()));
        given.put("domain", domain < 0 ? "" : fleet.domainName(part.key(), domain));
        given.put("missing", Integer.toString(part.profile().minWorkers() - found.count()));
        return new Reason(code, given);
    }

    /** The whole gang has a place, and its groups have none: the domain that is nearest to holding one more. */
    private Reason ofGroups(ProfileDemand profile, ClassOption option, int key) {
        int size = profile.topology().groupSize();
        FirstWorkers found = FirstWorkers.of(placer, profile, option, Explainer.bounds(null));
        int grouped = found.count() - found.count() % size;
        int home = domainOf(found.place(), key);
        String level = profile.topology().groupRequired();
        Map<String, String> given = facts(profile, option, level);
        given.put("groupSize", Integer.toString(size));
        given.put("placeable", Integer.toString(grouped));
        given.put("missing", Integer.toString(profile.minWorkers() - grouped));
        int step = option.ladder().step(level);
        if (step >= 0) {
            Best nearest = nearestGroup(profile, option, option.ladder().key(step), key, home);
            given.put("best", Long.toString(nearest.places()));
            given.put(
                    "domain",
                    nearest.domain() < 0 ? "" : fleet.domainName(option.ladder().key(step), nearest.domain()));
        }
        return new Reason(ReasonCode.TOPOLOGY, given);
    }

    private Best nearestGroup(ProfileDemand profile, ClassOption option, int groupKey, int key, int home) {
        long[] places = new long[fleet.domainCount(groupKey)];
        for (int node = fleet.nextSchedulable(0); node >= 0; node = fleet.nextSchedulable(node + 1)) {
            int domain = fleet.domainOf(groupKey, node);
            if (domain >= 0 && (home < 0 || fleet.domainOf(key, node) == home)) {
                places[domain] += rooms.of(option.roles().get(largestRole(profile)), option.number(), node);
            }
        }
        int size = profile.topology().groupSize();
        int nearest = -1;
        for (int domain = 0; domain < places.length; domain++) {
            boolean nearer = nearest < 0 || places[domain] % size > places[nearest] % size;
            nearest = places[domain] > 0 && nearer ? domain : nearest;
        }
        return new Best(nearest, nearest < 0 ? 0 : places[nearest] % size);
    }

    private int domainOf(@Nullable Placement place, int key) {
        int node =
                place == null ? -1 : fleet.nodeSlot(place.workers().getFirst().nodeId());
        return node < 0 ? -1 : fleet.domainOf(key, node);
    }
}
