package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One way in which a job can run. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.roles) || !has(self.workers)",
        message = "roles take the place of workers: give one of both",
        fieldPath = ".workers")
@ValidationRule(
        value = "!has(self.roles) || !has(self.accelerators)",
        message = "roles take the place of accelerators: give one of both",
        fieldPath = ".accelerators")
@ValidationRule(
        value = "!has(self.roles) || self.roles.map(r, r.count).sum() <= 4096",
        message = "a gang has at most 4096 workers over all roles",
        fieldPath = ".roles")
@ValidationRule(
        value = "!has(self.roles) || self.roles.map(r, has(r.accelerators) ? r.count * r.accelerators.perWorker : 0)"
                + ".sum() <= 32768",
        message = "a gang has at most 32768 devices over all roles",
        fieldPath = ".roles")
@ValidationRule(
        value = "!has(self.workers) || !has(self.accelerators) || self.accelerators.perWorker"
                + " * (has(self.workers.count) ? self.workers.count : has(self.workers.max) ? self.workers.max"
                + " : has(self.workers.min) ? self.workers.min : 1) <= 32768",
        message = "a gang has at most 32768 devices",
        fieldPath = ".workers")
public record Profile(
        @JsonPropertyDescription("Name of the profile, unique in the job.")
        @Required
        @Size(min = 1, max = Schema.MOST_LABEL)
        @Pattern(Schema.LABEL)
        String name,

        @JsonPropertyDescription("Number of workers of the gang; one if absent. Training jobs without roles only.")
        @Nullable
        Workers workers,

        @JsonPropertyDescription("Devices of each worker; none if absent.") @Nullable
        Accelerators accelerators,

        @JsonPropertyDescription("Kinds of worker, each with its own number, devices and template."
                + " Takes the place of workers and accelerators.")
        @Size(min = 1, max = 8)
        @Schema.Keys("name")
        @Nullable
        List<Role> roles,

        @JsonPropertyDescription("How near to each other the workers of the gang are placed.") @Nullable
        Topology topology,

        @JsonPropertyDescription("Format of the checkpoints under this profile."
                + " Work moves only between profiles of the same format.")
        @Size(max = Schema.MOST_NAME)
        @Nullable
        String checkpointFormat,

        @JsonPropertyDescription("Pod template laid over that of the job by strategic merge.")
        @Schema.FreeForm({"metadata", "spec"})
        @Nullable
        JsonNode template) {
    /** Number of workers of a gang. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "!has(self.count) || (!has(self.min) && !has(self.max) && !has(self.step))",
            message = "count takes the place of min, max and step: give one of both",
            fieldPath = ".count")
    @ValidationRule(
            value = "!has(self.min) || !has(self.max) || self.min <= self.max",
            message = "min is above max. Maybe swap them?",
            fieldPath = ".min")
    public record Workers(
            @JsonPropertyDescription("Fixed number of workers.") @Min(1) @Max(4096) @Nullable
            Integer count,

            @JsonPropertyDescription("Least number of workers that the gang starts and goes on with; 1 if absent.")
            @Min(1)
            @Max(4096)
            @Nullable
            Integer min,

            @JsonPropertyDescription("Most workers that the gang is given; min if absent.") @Min(1) @Max(4096) @Nullable
            Integer max,

            @JsonPropertyDescription("Workers by which the gang grows and shrinks, from min; 1 if absent.")
            @Min(1)
            @Max(4096)
            @Nullable
            Integer step) {}

    /** One kind of worker of a gang. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Role(
            @JsonPropertyDescription("Name of the role, unique in the profile.")
            @Required
            @Size(min = 1, max = Schema.MOST_LABEL)
            @Pattern(Schema.LABEL)
            String name,

            @JsonPropertyDescription("Number of workers of this role.")
            @io.fabric8.generator.annotation.Default("1")
            @Min(1)
            @Max(4096)
            @Nullable
            Integer count,

            @JsonPropertyDescription("Devices of each worker of this role; none if absent.") @Nullable
            Accelerators accelerators,

            @JsonPropertyDescription("Pod template laid over that of the profile by strategic merge.")
            @Schema.FreeForm({"metadata", "spec"})
            @Nullable
            JsonNode template) {}

    /** How near to each other workers are. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Topology(
            @JsonPropertyDescription(
                    "Topology level of the class that holds the whole gang, such as block." + " The gang waits for it.")
            @Size(max = Schema.MOST_NAME)
            @Nullable
            String required,

            @JsonPropertyDescription("Topology level that should hold the whole gang; others are taken if it can't.")
            @Size(max = Schema.MOST_NAME)
            @Nullable
            String preferred,

            @JsonPropertyDescription("Workers that must be nearer to each other than the whole gang.") @Nullable
            Groups groups) {}

    /** Workers in groups, by rank. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Groups(
            @JsonPropertyDescription("Number of workers of a group. Divides the number of workers.")
            @Required
            @Min(1)
            @Max(4096)
            Integer size,

            @JsonPropertyDescription("Topology level of the class that holds each group, such as scaleup.")
            @Required
            @Size(min = 1, max = Schema.MOST_NAME)
            String required) {}
}
