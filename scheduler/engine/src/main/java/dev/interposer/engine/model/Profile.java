package dev.interposer.engine.model;

import java.util.List;

/**
 * One way in which a job can run. All workers of one gang get one class.
 *
 * @param name unique in its job
 * @param roles at least one; a profile written with {@code workers} has the single role {@code worker}
 * @param topology where the workers must and should be, relative to each other
 * @param checkpointFormat profiles of equal format can read each other's checkpoints; empty for none
 */
public record Profile(String name, List<Role> roles, TopologyRequest topology, String checkpointFormat) {
    public Profile {
        roles = List.copyOf(roles);
    }

    /** The same with other roles. */
    public Profile withRoles(List<Role> others) {
        return new Profile(name, others, topology, checkpointFormat);
    }
}
