package dev.interposer.control.command;

import dev.interposer.engine.model.JobSpec;

/** What size a live job is to have. */
public sealed interface JobSize {
    /** So many replicas; of inference jobs. */
    record Replicas(int replicas) implements JobSize {}

    /**
     * From min to max workers of one role; of training jobs. Both names may be empty where there is but one.
     *
     * @param profileName the profile whose role it is
     */
    record Workers(String profileName, String roleName, int min, int max) implements JobSize {}

    /** The size that a spec says, which differs from that of the job in nothing else. */
    record Of(JobSpec spec) implements JobSize {}
}
