package dev.interposer.engine.fit;

import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Preemption;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import java.util.List;
import java.util.Map;

/**
 * What a spec asks of the fleet, without what it runs: equal for jobs that differ in image, command or environment
 * alone.
 *
 * @param kind training or inference
 * @param preemption when it may be evicted
 * @param resizes whether its number of workers may change
 * @param changesProfile whether it may go on under another profile
 * @param labels by which policies select it
 * @param profiles in order
 */
public record Need(
        JobKind kind,
        Preemption preemption,
        boolean resizes,
        boolean changesProfile,
        Map<String, String> labels,
        List<ProfileNeed> profiles) {

    /** Of one profile. */
    public record ProfileNeed(List<RoleNeed> roles, TopologyRequest topology, String checkpointFormat) {}

    /** Of one role. */
    public record RoleNeed(WorkerCount workers, AcceleratorRequest accelerators, Map<String, Long> requests) {}

    public static Need of(JobSpec spec) {
        TrainingSpec training = spec.training();
        return new Need(
                spec.kind(),
                spec.preemption(),
                training != null && training.resizePolicy() != TrainingSpec.ResizePolicy.NEVER,
                training != null && training.profileChange() != TrainingSpec.ProfileChange.NEVER,
                spec.labels(),
                spec.profiles().stream().map(Need::of).toList());
    }

    private static ProfileNeed of(Profile profile) {
        return new ProfileNeed(
                profile.roles().stream().map(Need::of).toList(), profile.topology(), profile.checkpointFormat());
    }

    private static RoleNeed of(Role role) {
        return new RoleNeed(role.workers(), role.accelerators(), role.requests());
    }
}
