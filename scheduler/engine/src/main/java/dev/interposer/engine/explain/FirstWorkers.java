package dev.interposer.engine.explain;

import dev.interposer.engine.fit.Demand.ProfileDemand;
import dev.interposer.engine.fit.Demand.ProfileDemand.ClassOption;
import dev.interposer.engine.placement.Bounds;
import dev.interposer.engine.placement.GangPlacer;
import dev.interposer.engine.placement.Placement;
import org.jspecify.annotations.Nullable;

/**
 * How much of a gang that finds no place would find one: the most of its first workers, by rank, found by halving.
 *
 * @param count below the smallest number of workers that the gang can do with
 * @param place of those; null for none
 */
record FirstWorkers(int count, @Nullable Placement place) {
    /** @param option null if and only if the profile is placed without naming a class */
    static FirstWorkers of(GangPlacer placer, ProfileDemand profile, @Nullable ClassOption option, Bounds bounds) {
        FirstWorkers most = new FirstWorkers(0, null);
        int fails = profile.minWorkers();
        while (fails - most.count() > 1) {
            int middle = (most.count() + fails) / 2;
            Placement place = placer.place(profile.first(middle), option, bounds);
            if (place == null) {
                fails = middle;
            } else {
                most = new FirstWorkers(middle, place);
            }
        }
        return most;
    }
}
