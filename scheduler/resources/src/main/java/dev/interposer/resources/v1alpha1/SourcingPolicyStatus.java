package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was seen of a policy. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SourcingPolicyStatus(
        @JsonPropertyDescription("Generation of the spec that this status speaks of.") @Min(0) @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("What is so of the policy: Accepted, Met and others.")
        @Size(max = 32)
        @Schema.Keys("type")
        @Nullable
        List<Condition> conditions,

        @JsonPropertyDescription("Shares of the suppliers that the rules speak of.")
        @Size(max = 64)
        @Schema.Keys({"tier", "supplierName"})
        @Nullable
        List<Share> shares) {
    /** The share of one supplier at one tier. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Share(
            @JsonPropertyDescription("Tier at which it is counted.") @Required
            Tier tier,

            @JsonPropertyDescription("Name of the Supplier.") @Required @Size(min = 1, max = Schema.MOST_NAME)
            String supplierName,

            @JsonPropertyDescription("Percent of the basis of the policy.") @Min(0) @Nullable
            Integer percent) {}
}
