package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was seen of a class. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AcceleratorClassStatus(
        @JsonPropertyDescription("Generation of the spec that this status speaks of.") @Min(0) @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("What is so of the class: Accepted and others.")
        @Size(max = 32)
        @Schema.Keys("type")
        @Nullable
        List<Condition> conditions,

        @JsonPropertyDescription("Its devices, counted.") @Nullable
        Devices devices,

        @JsonPropertyDescription("How scarce it is.") @Nullable
        Scarcity scarcity) {
    /** Devices, counted. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Devices(
            @JsonPropertyDescription("Number of devices that there are.") @Min(0) @Nullable
            Long installed,

            @JsonPropertyDescription("Number of devices that work.") @Min(0) @Nullable
            Long healthy,

            @JsonPropertyDescription("Number of devices that jobs have.") @Min(0) @Nullable
            Long allocated,

            @JsonPropertyDescription("Number of devices that somebody outside of this fleet uses.") @Min(0) @Nullable
            Long foreign) {}

    /** How scarce a class is. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Scarcity(
            @JsonPropertyDescription("Index of scarcity in thousandths; 1000 is as wanted as there is.")
            @Min(0)
            @Nullable
            Long indexMilli,

            @JsonPropertyDescription("Shadow price of one device hour, in thousandths.") @Min(0) @Nullable
            Long priceMilli,

            @JsonPropertyDescription("When it was measured.") @Schema.Format("date-time") @Nullable
            String asOf) {}
}
