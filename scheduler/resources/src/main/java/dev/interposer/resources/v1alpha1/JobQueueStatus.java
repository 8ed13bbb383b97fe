package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was seen of a queue. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record JobQueueStatus(
        @JsonPropertyDescription("Generation of the spec that this status speaks of.") @Min(0) @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("What is so of the queue: Accepted and others.")
        @Size(max = 32)
        @Schema.Keys("type")
        @Nullable
        List<Condition> conditions,

        @JsonPropertyDescription("Number of its jobs that wait.") @Min(0) @Nullable
        Long waitingJobs,

        @JsonPropertyDescription("Number of its jobs that run.") @Min(0) @Nullable
        Long runningJobs,

        @JsonPropertyDescription("Number of devices that its jobs have.") @Min(0) @Nullable
        Long allocatedDevices) {}
