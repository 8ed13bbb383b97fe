package dev.interposer.engine.explain;

import dev.interposer.engine.fit.Demand.ProfileDemand;
import dev.interposer.engine.fit.Demand.ProfileDemand.ClassOption;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.Ladder;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.state.State;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What is short of work that finds places enough, but not where its levels want them. Room is counted by the role with
 * the most workers alone: where another one is what fails, {@code missing} is 0.
 */
final class DomainShortage {
    private final State state;
    private final Fleet fleet;
    private final Rooms rooms;

    /** The domain with the most room for workers; −1 for none. */
    private record Best(int domain, long places) {}

    DomainShortage(State state, Fleet fleet, Rooms rooms) {
        this.state = state;
        this.fleet = fleet;
        this.rooms = rooms;
    }

    /** The required level, or the level that is taken whole where the required one has room. */
    Reason ofLevels(ProfileDemand profile, int chipClass, String className) {
        String level = profile.topology().required();
        Map<String, String> given = facts(profile, className, level.isEmpty() ? "cluster" : level);
        AcceleratorClass known = state.settings().acceleratorClass(className);
        Ladder ladder = known == null ? null : fleet.ladder(known);
        if (ladder == null || ladder.step(level) < 0) {
            given.put("missing", Integer.toString(ladder == null ? 0 : needed(profile)));
            return new Reason(ReasonCode.TOPOLOGY, given);
        }
        int key = ladder.key(ladder.step(level));
        Best best = best(profile, chipClass, key, node -> true);
        if (best.places() >= needed(profile) && ladder.wholeStep() >= 0) {
            Reason whole = ofWholeLevel(profile, chipClass, key, ladder, className);
            if (whole != null) {
                return whole;
            }
        }
        put(given, profile, key, best);
        return new Reason(ReasonCode.TOPOLOGY, given);
    }

    private @Nullable Reason ofWholeLevel(
            ProfileDemand profile, int chipClass, int key, Ladder ladder, String className) {
        int wholeKey = ladder.key(ladder.wholeStep());
        Best best = best(profile, chipClass, key, node -> busy(chipClass, wholeKey, node) == 0);
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
        Map<String, String> given = facts(profile, className, ladder.name(ladder.wholeStep()));
        put(given, profile, wholeKey, new Best(nearest, best.places()));
        given.put("busy", Long.toString(nearest < 0 ? 0 : fewest));
        return new Reason(ReasonCode.WHOLE_LEVEL, given);
    }

    /** Busy devices in the whole level's domain around a node; −1 outside of every such domain. */
    private long busy(int chipClass, int wholeKey, int node) {
        int home = fleet.domainOf(wholeKey, node);
        return home < 0 ? -1 : fleet.search().busy(chipClass, wholeKey, home);
    }

    /** @param others one node of every other replica that has a place */
    Reason ofSpread(ProfileDemand profile, ClassOption option, Ids others, InferenceSpec.Spread rule) {
        Map<String, String> given = facts(profile, option.chipClass().name(), rule.level());
        given.put("maxSkew", Integer.toString(rule.maxSkew()));
        int step = option.ladder().step(rule.level());
        if (step < 0) {
            given.put("missing", Integer.toString(needed(profile)));
            return new Reason(ReasonCode.SPREAD, given);
        }
        int key = option.ladder().key(step);
        int[] replicas = new int[fleet.domainCount(key)];
        for (int other = 0; other < others.size(); other++) {
            int node = fleet.nodeSlot(others.get(other));
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
        put(
                given,
                profile,
                key,
                best(profile, option.number(), key, node -> replicas[fleet.domainOf(key, node)] < most));
        return new Reason(ReasonCode.SPREAD, given);
    }

    /** @param counts asked of nodes that lie in a domain of the key */
    private Best best(ProfileDemand profile, int chipClass, int key, IntPredicate counts) {
        long[] places = new long[fleet.domainCount(key)];
        int role = largestRole(profile);
        int best = -1;
        for (int node = fleet.nextSchedulable(0); node >= 0; node = fleet.nextSchedulable(node + 1)) {
            int domain = fleet.domainOf(key, node);
            boolean serves = domain >= 0 && (chipClass < 0 || fleet.search().usable(chipClass, key, domain) > 0);
            if (serves && counts.test(node)) {
                places[domain] += rooms.of(profile.roles().get(role), chipClass, node);
                best = best < 0 || places[domain] > places[best] ? domain : best;
            }
        }
        return new Best(best, best < 0 ? 0 : places[best]);
    }

    private static Map<String, String> facts(ProfileDemand profile, String className, String level) {
        return new TreeMap<>(
                Map.of("class", className, "level", level, "needed", Integer.toString(profile.minWorkers())));
    }

    private void put(Map<String, String> given, ProfileDemand profile, int key, Best best) {
        given.put("best", Long.toString(best.places()));
        given.put("domain", best.domain() < 0 ? "" : fleet.domainName(key, best.domain()));
        given.put("missing", Long.toString(Math.max(0, needed(profile) - best.places())));
    }

    /** Workers of the role with the most of them. */
    private static int needed(ProfileDemand profile) {
        return profile.counts().get(largestRole(profile)).workers().min();
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
}
