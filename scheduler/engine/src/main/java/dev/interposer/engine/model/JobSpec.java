package dev.interposer.engine.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a user asks for: everything under {@code spec} of a TrainingJob or an InferenceJob, with each profile's template
 * already merged. Stored once for all jobs that share it.
 *
 * @param kind training or inference
 * @param queueName the queue that it waits in
 * @param priorityClassName name of the priority class; empty for the default
 * @param workloadFamily row of the conversion table; empty if none
 * @param suspend held back by its owner
 * @param activeDeadlineSeconds stopped this long after its first start; 0 for never
 * @param ttlSecondsAfterFinished forgotten this long after its end; null for the fleet's default
 * @param profiles the ways in which it can run, 1 to 16
 * @param training set if and only if the kind is training
 * @param inference set if and only if the kind is inference
 * @param labels by which policies select the job
 */
public record JobSpec(
        JobKind kind,
        String queueName,
        String priorityClassName,
        String workloadFamily,
        boolean suspend,
        long activeDeadlineSeconds,
        @Nullable Long ttlSecondsAfterFinished,
        List<Profile> profiles,
        @Nullable TrainingSpec training,
        @Nullable InferenceSpec inference,
        Map<String, String> labels) {
    /** Label with the uid of the object in Kubernetes that asked for the job; nobody else may set it. */
    public static final String OBJECT_UID = "interposer.dev/uid";

    public JobSpec {
        profiles = List.copyOf(profiles);
        labels = SortedCopy.of(labels);
    }

    /** A spec without labels. */
    public JobSpec(
            JobKind kind,
            String queueName,
            String priorityClassName,
            String workloadFamily,
            boolean suspend,
            long activeDeadlineSeconds,
            @Nullable Long ttlSecondsAfterFinished,
            List<Profile> profiles,
            @Nullable TrainingSpec training,
            @Nullable InferenceSpec inference) {
        this(
                kind,
                queueName,
                priorityClassName,
                workloadFamily,
                suspend,
                activeDeadlineSeconds,
                ttlSecondsAfterFinished,
                profiles,
                training,
                inference,
                Map.of());
    }

    /** The same spec with other labels. */
    public JobSpec labelled(Map<String, String> otherLabels) {
        return new JobSpec(
                kind,
                queueName,
                priorityClassName,
                workloadFamily,
                suspend,
                activeDeadlineSeconds,
                ttlSecondsAfterFinished,
                profiles,
                training,
                inference,
                otherLabels);
    }

    /** The same for other numbers of workers or replicas. */
    public JobSpec resized(List<Profile> otherProfiles, @Nullable InferenceSpec otherInference) {
        return new JobSpec(
                kind,
                queueName,
                priorityClassName,
                workloadFamily,
                suspend,
                activeDeadlineSeconds,
                ttlSecondsAfterFinished,
                otherProfiles,
                training,
                otherInference,
                labels);
    }

    /**
     * The same with the size that another spec says: the number of replicas, or the workers of each role. Equal to the
     * other one if they differ in nothing else.
     */
    public JobSpec sizedAs(JobSpec other) {
        if (inference != null) {
            return other.inference == null
                    ? this
                    : resized(profiles, inference.withReplicas(other.inference.replicas()));
        }
        List<Profile> sized = new ArrayList<>();
        for (int index = 0; index < profiles.size(); index++) {
            Profile own = profiles.get(index);
            sized.add(index < other.profiles.size() ? sizedAs(own, other.profiles.get(index)) : own);
        }
        return resized(sized, null);
    }

    private static Profile sizedAs(Profile own, Profile other) {
        List<Role> roles = new ArrayList<>();
        for (int index = 0; index < own.roles().size(); index++) {
            Role role = own.roles().get(index);
            boolean there = index < other.roles().size();
            roles.add(there ? role.withWorkers(other.roles().get(index).workers()) : role);
        }
        return own.withRoles(roles);
    }

    /** Whether it bears all these labels. */
    public boolean bears(Map<String, String> wanted) {
        for (Map.Entry<String, String> label : wanted.entrySet()) {
            if (!label.getValue().equals(labels.get(label.getKey()))) {
                return false;
            }
        }
        return true;
    }

    /** When it may be evicted: replicas at any time, within their disruption budget. */
    public Preemption preemption() {
        if (inference != null) {
            return new Preemption(Preemption.Policy.ANYTIME, 0, inference.graceSeconds());
        }
        return training == null ? Preemption.DEFAULT : training.preemption();
    }

    /** Number of gangs: one for training, one a replica for inference. */
    public int gangs() {
        return inference == null ? 1 : inference.replicas();
    }
}
