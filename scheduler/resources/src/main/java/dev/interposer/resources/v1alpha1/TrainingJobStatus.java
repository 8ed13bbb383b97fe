package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was seen of a training job. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TrainingJobStatus(
        @JsonPropertyDescription("Generation of the spec that this status speaks of.") @Min(0) @Nullable
        Long observedGeneration,

        @JsonPropertyDescription(
                "Where the job is in its life: Suspended, Waiting, Starting, Running, Stopping, Succeeded,"
                        + " Failed or Cancelled. Later versions may add others.")
        @Size(max = Schema.MOST_LABEL)
        @Nullable
        String phase,

        @JsonPropertyDescription("What is so of the job: Accepted, Assigned, Running, Complete, Failed and others.")
        @Size(max = 32)
        @Schema.Keys("type")
        @Nullable
        List<Condition> conditions,

        @JsonPropertyDescription("The profile and devices that it has; nothing while it has none.") @Nullable
        Assignment assignment,

        @JsonPropertyDescription("How far it is, as it said last.") @Nullable
        Progress progress,

        @JsonPropertyDescription("Why it waits; nothing while it does not.") @Nullable
        Waiting waiting) {
    /** What a gang has. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Assignment(
            @JsonPropertyDescription("Name of the profile that it runs under.") @Size(max = Schema.MOST_LABEL) @Nullable
            String profileName,

            @JsonPropertyDescription("Name of the AcceleratorClass of its devices.")
            @Size(max = Schema.MOST_NAME)
            @Nullable
            String className,

            @JsonPropertyDescription("Number of its workers.") @Min(0) @Nullable
            Integer workers,

            @JsonPropertyDescription("Number of its workers that run.") @Min(0) @Nullable
            Integer readyWorkers,

            @JsonPropertyDescription("Number of the attempt, from 1.") @Min(1) @Nullable
            Integer attempt) {}

    /** How far a job is. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Progress(
            @JsonPropertyDescription("Amount done in the unit.") @Nullable
            Quantity done,

            @JsonPropertyDescription("What is counted: tokens or samples.") @Size(max = Schema.MOST_LABEL) @Nullable
            String unit,

            @JsonPropertyDescription("Amount in a second, measured late.") @Nullable
            Quantity perSecond,

            @JsonPropertyDescription("When its last checkpoint was complete.") @Schema.Format("date-time") @Nullable
            String lastCheckpointTime) {}
}
