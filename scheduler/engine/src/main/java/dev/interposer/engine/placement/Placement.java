package dev.interposer.engine.placement;

import dev.interposer.engine.model.WorkerPlacement;
import java.util.List;

/**
 * A whole gang in its place.
 *
 * @param profile index of the profile
 * @param className class of its devices; empty for a gang without devices
 * @param workers in order of rank: by role, then as placed
 */
public record Placement(int profile, String className, List<WorkerPlacement> workers) {
    public Placement {
        workers = List.copyOf(workers);
    }
}
