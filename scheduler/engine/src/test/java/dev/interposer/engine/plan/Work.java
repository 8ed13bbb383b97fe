package dev.interposer.engine.plan;

import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Checkpoint;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Preemption;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.TrainingSpec.ProfileChange;
import dev.interposer.engine.model.TrainingSpec.ResizePolicy;
import dev.interposer.engine.model.WorkerCount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A training job as a scene needs it. */
record Work(
        String queue,
        String user,
        int priority,
        List<Profile> profiles,
        Preemption preemption,
        ResizePolicy resize,
        ProfileChange profileChange,
        long estimatedSeconds,
        @Nullable Checkpoint checkpoint,
        int replicas) {

    /** One worker with so many chips, in the queue. */
    static Work of(String queue, int devices) {
        return new Work(
                queue,
                "ada",
                0,
                List.of(profile("only", "chip", WorkerCount.of(1), devices)),
                Preemption.DEFAULT,
                ResizePolicy.NEVER,
                ProfileChange.NEVER,
                0,
                null,
                0);
    }

    static Profile profile(String name, String className, WorkerCount count, int devices) {
        Role role = new Role(
                "worker", count, AcceleratorRequest.of(className, devices), Map.of(), Container.of("image", "run"));
        return new Profile(name, List.of(role), TopologyRequest.ANYWHERE, "");
    }

    Work workers(WorkerCount count) {
        AcceleratorRequest asked = profiles.getFirst().roles().getFirst().accelerators();
        return with(List.of(profile("only", asked.className(), count, asked.perWorker())));
    }

    /** Each worker asks for these beside its chips. */
    Work asking(Map<String, Long> requests) {
        Role role = profiles.getFirst().roles().getFirst();
        Role asking = new Role(role.name(), role.workers(), role.accelerators(), requests, role.container());
        return with(List.of(new Profile("only", List.of(asking), TopologyRequest.ANYWHERE, "")));
    }

    Work with(List<Profile> other) {
        return new Work(
                queue,
                user,
                priority,
                other,
                preemption,
                resize,
                profileChange,
                estimatedSeconds,
                checkpoint,
                replicas);
    }

    Work or(Profile another) {
        List<Profile> more = new ArrayList<>(profiles);
        more.add(another);
        return with(more);
    }

    Work by(String other) {
        return new Work(
                queue,
                other,
                priority,
                profiles,
                preemption,
                resize,
                profileChange,
                estimatedSeconds,
                checkpoint,
                replicas);
    }

    Work priority(int other) {
        return new Work(
                queue,
                user,
                other,
                profiles,
                preemption,
                resize,
                profileChange,
                estimatedSeconds,
                checkpoint,
                replicas);
    }

    Work preemption(Preemption.Policy policy, long minRuntimeSeconds, long graceSeconds) {
        Preemption other = new Preemption(policy, minRuntimeSeconds, graceSeconds);
        return new Work(
                queue, user, priority, profiles, other, resize, profileChange, estimatedSeconds, checkpoint, replicas);
    }

    Work elastic() {
        return new Work(
                queue,
                user,
                priority,
                profiles,
                preemption,
                ResizePolicy.AT_CHECKPOINT,
                profileChange,
                estimatedSeconds,
                checkpoint,
                replicas);
    }

    Work lasting(long seconds) {
        return new Work(
                queue, user, priority, profiles, preemption, resize, profileChange, seconds, checkpoint, replicas);
    }

    /** Takes checkpoints when it is asked to: so many seconds to save and as many to go on. */
    Work savingIn(long seconds) {
        Checkpoint saves = new Checkpoint(0, seconds, seconds, "SIGUSR1");
        return new Work(
                queue, user, priority, profiles, preemption, resize, profileChange, estimatedSeconds, saves, replicas);
    }

    /** So many replicas that serve, of which one may be down at a time. */
    Work serving(int count) {
        return new Work(
                queue,
                user,
                priority,
                profiles,
                preemption,
                resize,
                profileChange,
                estimatedSeconds,
                checkpoint,
                count);
    }

    JobSpec spec() {
        if (replicas > 0) {
            return new JobSpec(
                    JobKind.INFERENCE, queue, "", "", false, 0, null, profiles, null, InferenceSpec.of(replicas));
        }
        TrainingSpec training = new TrainingSpec(
                estimatedSeconds, null, checkpoint, preemption, resize, 0, profileChange, FailurePolicy.DEFAULT, null);
        return new JobSpec(JobKind.TRAINING, queue, "", "", false, 0, null, profiles, training, null);
    }
}
