package dev.interposer.engine.fleet;

import dev.interposer.engine.model.AcceleratorClass;
import java.util.List;

/**
 * The ways to split a device of one class.
 *
 * <p><b>Goals.</b> A partition goes where the device keeps the most room for others.
 *
 * <p><b>Constraints.</b> A profile starts only at the slices that its vendor names, and takes so many from there on; no
 * slice is taken twice. NVIDIA prints such a table as "placements" ({@code nvidia-smi mig -lgipp}).
 *
 * <p><b>Algorithm.</b> The room of a device is the number of slices of all profiles at all of their starts that are
 * still possible; the start that leaves the most room is taken, of equal ones the highest. Rooms are counted once for
 * each of the 256 ways in which slices can be taken.
 */
final class Partitions {
    static final int MOST_SLICES = 8;
    static final int MOST_PROFILES = Pool.MOST_KINDS - Pool.SHARE_KINDS;
    static final int ALL_TAKEN = (1 << MOST_SLICES) - 1;
    static final Partitions NONE = new Partitions(List.of());

    private final List<AcceleratorClass.Partition> profiles;
    private final int[][] masks;
    private final int[] room = new int[1 << MOST_SLICES];
    private final long[] fitting = new long[1 << MOST_SLICES];

    private Partitions(List<AcceleratorClass.Partition> profiles) {
        this.profiles = profiles;
        this.masks = new int[profiles.size()][];
        for (int profile = 0; profile < masks.length; profile++) {
            AcceleratorClass.Partition partition = profiles.get(profile);
            // What was applied before starts were checked may lie beyond the last slice, and has no place.
            masks[profile] = partition.starts().stream()
                    .filter(start -> fits(start, partition.slots()))
                    .mapToInt(start -> ((1 << partition.slots()) - 1) << start)
                    .toArray();
        }
        for (int taken = 0; taken < room.length; taken++) {
            room[taken] = roomLeft(taken);
        }
        for (int taken = 0; taken < room.length; taken++) {
            for (int profile = 0; profile < Math.min(masks.length, MOST_PROFILES); profile++) {
                fitting[taken] |= bestStart(profile, taken) >= 0 ? 1L << profile : 0;
            }
        }
    }

    static Partitions of(List<AcceleratorClass.Partition> profiles) {
        return profiles.isEmpty() ? NONE : new Partitions(profiles);
    }

    List<AcceleratorClass.Partition> profiles() {
        return profiles;
    }

    /** Number of a profile, or −1. */
    int find(String name) {
        for (int profile = 0; profile < Math.min(profiles.size(), MOST_PROFILES); profile++) {
            if (profiles.get(profile).name().equals(name)) {
                return profile;
            }
        }
        return -1;
    }

    int slots(int profile) {
        return profiles.get(profile).slots();
    }

    /** Thousandths of a device that a profile takes, by its slices. */
    int milli(int profile) {
        int all = 0;
        for (AcceleratorClass.Partition one : profiles) {
            all = Math.max(all, one.slots());
            for (int start : one.starts()) {
                all = Math.max(all, start + one.slots());
            }
        }
        return all == 0 ? 1000 : 1000 * slots(profile) / all;
    }

    /** What is left for others. */
    int room(int taken) {
        return room[taken];
    }

    /** The slice at which a profile is best put on a device, or −1 when it has no place there. */
    int bestStart(int profile, int taken) {
        int best = -1;
        int bestRoom = -1;
        for (int index = 0; index < masks[profile].length; index++) {
            int mask = masks[profile][index];
            int start = Integer.numberOfTrailingZeros(mask);
            if ((mask & taken) == 0
                    && (room[taken | mask] > bestRoom || (room[taken | mask] == bestRoom && start > best))) {
                best = start;
                bestRoom = room[taken | mask];
            }
        }
        return best;
    }

    /** How many of a profile find a place one after the other. */
    int fit(int profile, int taken) {
        int start = bestStart(profile, taken);
        return start < 0 ? 0 : 1 + fit(profile, taken | ((1 << slots(profile)) - 1) << start);
    }

    /** A bit for each profile that has a place. */
    long fitting(int taken) {
        return fitting[taken];
    }

    private int roomLeft(int taken) {
        int left = 0;
        for (int[] ofProfile : masks) {
            for (int mask : ofProfile) {
                left += (mask & taken) == 0 ? Integer.bitCount(mask) : 0;
            }
        }
        return left;
    }

    private static boolean fits(int start, int slots) {
        return start >= 0 && slots >= 1 && start + slots <= MOST_SLICES;
    }
}
