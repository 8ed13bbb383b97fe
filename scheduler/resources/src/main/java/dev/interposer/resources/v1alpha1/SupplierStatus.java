package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was seen of a supplier. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SupplierStatus(
        @JsonPropertyDescription("Generation of the spec that this status speaks of.") @Min(0) @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("What is so of the supplier: Accepted and others.")
        @Size(max = 32)
        @Schema.Keys("type")
        @Nullable
        List<Condition> conditions,

        @JsonPropertyDescription("How its orders went.") @Nullable
        Orders orders) {
    /** How orders went. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Orders(
            @JsonPropertyDescription("Number of lots that came.") @Min(0) @Nullable
            Long delivered,

            @JsonPropertyDescription("Number of lots that came late or are late now.") @Min(0) @Nullable
            Long late,

            @JsonPropertyDescription("Days by which the late ones were late, on average.") @Min(0) @Nullable
            Long meanLatenessDays) {}
}
