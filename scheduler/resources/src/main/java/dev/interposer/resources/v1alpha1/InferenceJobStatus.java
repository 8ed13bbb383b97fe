package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was seen of an inference job. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record InferenceJobStatus(
        @JsonPropertyDescription("Generation of the spec that this status speaks of.") @Min(0) @Nullable
        Long observedGeneration,

        @JsonPropertyDescription(
                "Where the job is in its life: Suspended, Waiting, Starting, Running, Stopping, Succeeded,"
                        + " Failed or Cancelled. Later versions may add others.")
        @Size(max = Schema.MOST_LABEL)
        @Nullable
        String phase,

        @JsonPropertyDescription("What is so of the job: Accepted, Available, Failed and others.")
        @Size(max = 32)
        @Schema.Keys("type")
        @Nullable
        List<Condition> conditions,

        @JsonPropertyDescription("Number of replicas that there are.") @Min(0) @StatusReplicas @Nullable
        Integer replicas,

        @JsonPropertyDescription("Number of replicas that run whole.") @Min(0) @Nullable
        Integer readyReplicas,

        @JsonPropertyDescription("Labels of the pods that stand for replicas, in text, for autoscalers.")
        @Size(max = 1024)
        @LabelSelector
        @Nullable
        String selector,

        @JsonPropertyDescription("Replicas by the profile that they run under.")
        @Size(max = 16)
        @Schema.Keys("name")
        @Nullable
        List<ProfileReplicas> profiles,

        @JsonPropertyDescription("Why replicas wait; nothing while none does.") @Nullable
        Waiting waiting) {
    /** The replicas of one profile. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ProfileReplicas(
            @JsonPropertyDescription("Name of the profile.") @Required @Size(min = 1, max = Schema.MOST_LABEL)
            String name,

            @JsonPropertyDescription("Number of its replicas that run whole.") @Min(0) @Nullable
            Integer ready) {}
}
