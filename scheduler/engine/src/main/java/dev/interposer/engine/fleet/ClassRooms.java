package dev.interposer.engine.fleet;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Where one class has room: pools by cluster, levels by the key of their domains. */
final class ClassRooms {
    private final Resources resources;
    private Pool[] pools = new Pool[0];
    private @Nullable Level[] levels = new Level[0];

    /** Ways to split its devices. */
    Partitions partitions = Partitions.NONE;

    /** Whether a gang takes a level of it whole. */
    boolean wholeLevel;

    /** Whether the pools must be made anew before somebody looks. */
    boolean stale = true;

    /** Free whole devices of nodes that take new work. */
    long free;

    ClassRooms(Resources resources) {
        this.resources = resources;
    }

    Pool pool(int cluster) {
        if (cluster >= pools.length) {
            int old = pools.length;
            pools = Arrays.copyOf(pools, cluster + 1);
            for (int added = old; added <= cluster; added++) {
                pools[added] = new Pool(resources);
            }
        }
        return pools[cluster];
    }

    void dropPools() {
        pools = new Pool[0];
    }

    /** One above the highest key that has a level. */
    int keys() {
        return levels.length;
    }

    @Nullable
    Level level(int key) {
        return key < levels.length ? levels[key] : null;
    }

    void setLevel(int key, Level level) {
        if (key >= levels.length) {
            levels = Arrays.copyOf(levels, key + 1);
        }
        levels[key] = level;
    }
}
