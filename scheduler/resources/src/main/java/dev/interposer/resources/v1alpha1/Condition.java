package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** One thing that is so, is not so, or is not known, in the form that Kubernetes has for it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Condition(
        @JsonPropertyDescription("What is spoken of, such as Complete.") @Required @Size(min = 1, max = 316)
        String type,

        @JsonPropertyDescription("Whether it is so: True, False or Unknown.") @Required
        Status status,

        @JsonPropertyDescription("Why, in one word for programs, such as InsufficientDevices.")
        @Required
        @Size(min = 1, max = 1024)
        @Pattern("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")
        String reason,

        @JsonPropertyDescription("Why, in words for people.") @Size(max = 32_768) @Nullable
        String message,

        @JsonPropertyDescription("Generation of the object that this was said of.") @Min(0) @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("When the status of the condition changed last.") @Required @Schema.Format("date-time")
        String lastTransitionTime) {
    /** Whether it is so. */
    public enum Status {
        @JsonProperty("True")
        TRUE,
        @JsonProperty("False")
        FALSE,
        @JsonProperty("Unknown")
        UNKNOWN
    }
}
