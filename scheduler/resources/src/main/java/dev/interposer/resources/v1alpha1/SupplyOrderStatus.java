package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was seen of an order. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SupplyOrderStatus(
        @JsonPropertyDescription("Generation of the spec that this status speaks of.") @Min(0) @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("What is so of the order: Accepted, Complete and others.")
        @Size(max = 32)
        @Schema.Keys("type")
        @Nullable
        List<Condition> conditions,

        @JsonPropertyDescription("Number of devices of all lots.") @Min(0) @Nullable
        Long orderedDevices,

        @JsonPropertyDescription("Number of devices that came.") @Min(0) @Nullable
        Long receivedDevices,

        @JsonPropertyDescription("Number of devices whose promised date has passed.") @Min(0) @Nullable
        Long lateDevices) {}
