package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of a firm. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SupplierSpec(
        @JsonPropertyDescription("Name for people; the object's name if absent.")
        @Size(max = Schema.MOST_NAME)
        @Nullable
        String displayName,

        @JsonPropertyDescription("Tiers at which the firm supplies. Other objects may name it only there.")
        @Required
        @Size(min = 1, max = 5)
        @Schema.Unordered
        List<Tier> tiers,

        @JsonPropertyDescription("Days from an order to its delivery.") @Nullable
        LeadTimeDays leadTimeDays,

        @JsonPropertyDescription("The contract with the firm.") @Nullable
        Contract contract,

        @JsonPropertyDescription("Secret that holds the commercial terms.") @Nullable
        SecretReference commercialTermsFrom) {
    /** Days from an order to its delivery. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "self.p90 == 0 || self.p50 <= self.p90",
            message = "p50 is above p90. Maybe swap them?",
            fieldPath = ".p50")
    public record LeadTimeDays(
            @JsonPropertyDescription("Days within which half of the orders come; not known if 0.")
            @Default("0")
            @Min(0)
            @Max(36_500)
            @Nullable
            Integer p50,

            @JsonPropertyDescription("Days within which nine of ten orders come; not known if 0.")
            @Default("0")
            @Min(0)
            @Max(36_500)
            @Nullable
            Integer p90) {}

    /** A contract. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Contract(
            @JsonPropertyDescription("Last day, such as 2029-12-31.") @Schema.Format("date") @Nullable
            String end,

            @JsonPropertyDescription("Number of devices that were promised to be taken.")
            @Min(0)
            @Max(1_000_000_000)
            @Nullable
            Long committedDevices) {}
}
