package dev.interposer.market;

import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Preemption;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A spec as a rehearsal needs it: the profiles under which the work may go on, each with its smallest number of
 * workers.
 *
 * <p>A training job goes on under its profile, and under others only if it allows a change at a checkpoint and they
 * read the same format; replicas have no numerics to keep. Where work stays still, nothing may be evicted for another.
 *
 * @param spec the spec
 * @param kept places of its profiles in the spec that it comes from
 */
record RehearsedSpec(JobSpec spec, List<Integer> kept) {
    RehearsedSpec {
        kept = List.copyOf(kept);
    }

    static RehearsedSpec of(JobSpec spec, int profile, int gangs, boolean still) {
        List<Integer> kept = spec.inference() != null
                ? IntStream.range(0, spec.profiles().size()).boxed().toList()
                : allowed(spec, profile);
        List<Profile> profiles =
                kept.stream().map(index -> sized(spec.profiles().get(index), 0)).toList();
        return new RehearsedSpec(
                with(spec, profiles, training(spec.training(), still), inference(spec.inference(), gangs)), kept);
    }

    /** For a gang that stands under a profile and may have more workers. */
    JobSpec growing(JobSpec from, int place, int mostWorkers) {
        Profile larger = sized(from.profiles().get(kept.get(place)), mostWorkers);
        return with(spec, List.of(larger), spec.training(), spec.inference());
    }

    private static JobSpec with(
            JobSpec spec, List<Profile> profiles, @Nullable TrainingSpec training, @Nullable InferenceSpec inference) {
        return new JobSpec(
                spec.kind(),
                spec.queueName(),
                spec.priorityClassName(),
                spec.workloadFamily(),
                false,
                0,
                null,
                profiles,
                training,
                inference,
                spec.labels());
    }

    /** Place here of a profile of the spec that this comes from. */
    int placeOf(int profile) {
        return kept.indexOf(profile);
    }

    private static List<Integer> allowed(JobSpec spec, int profile) {
        List<Integer> allowed = new ArrayList<>();
        allowed.add(profile);
        String format = spec.profiles().get(profile).checkpointFormat();
        TrainingSpec training = spec.training();
        boolean changes = training != null
                && training.profileChange() == TrainingSpec.ProfileChange.AT_CHECKPOINT
                && !format.isEmpty();
        for (int other = 0; changes && other < spec.profiles().size(); other++) {
            if (other != profile
                    && spec.profiles().get(other).checkpointFormat().equals(format)) {
                allowed.add(other);
            }
        }
        return allowed;
    }

    private static Profile sized(Profile profile, int mostWorkers) {
        List<Role> roles = profile.roles().stream()
                .map(role -> new Role(
                        role.name(),
                        sized(role.workers(), mostWorkers),
                        role.accelerators(),
                        role.requests(),
                        role.container()))
                .toList();
        return new Profile(profile.name(), roles, profile.topology(), profile.checkpointFormat());
    }

    private static WorkerCount sized(WorkerCount workers, int most) {
        return new WorkerCount(workers.min(), Math.max(workers.min(), Math.min(workers.max(), most)), workers.step());
    }

    private static @Nullable TrainingSpec training(@Nullable TrainingSpec training, boolean still) {
        if (training == null || !still) {
            return training;
        }
        return new TrainingSpec(
                training.estimatedSeconds(),
                null,
                training.checkpoint(),
                new Preemption(Preemption.Policy.NEVER, 0, 0),
                training.resizePolicy(),
                training.resizeCooldownSeconds(),
                training.profileChange(),
                training.failurePolicy(),
                null);
    }

    private static @Nullable InferenceSpec inference(@Nullable InferenceSpec inference, int gangs) {
        if (inference == null) {
            return null;
        }
        return new InferenceSpec(
                gangs,
                null,
                inference.maxUnavailable(),
                inference.graceSeconds(),
                inference.maxSurge(),
                inference.rolloutMaxUnavailable(),
                inference.spread(),
                inference.minSuppliers(),
                inference.sourcingTier(),
                inference.minLossCoveragePercent(),
                0,
                0);
    }
}
