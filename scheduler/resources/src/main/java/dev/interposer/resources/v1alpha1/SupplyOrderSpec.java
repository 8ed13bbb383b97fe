package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was ordered. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SupplyOrderSpec(
        @JsonPropertyDescription("Name of the Supplier that delivers.") @Required @Size(min = 1, max = Schema.MOST_NAME)
        String supplierName,

        @JsonPropertyDescription("Name of the AcceleratorClass that was ordered.")
        @Required
        @Size(min = 1, max = Schema.MOST_NAME)
        String className,

        @JsonPropertyDescription("The lots in which the devices come.")
        @Required
        @Size(min = 1, max = 64)
        @Schema.Keys("name")
        List<Delivery> deliveries,

        @JsonPropertyDescription("Percent to which the promised dates are believed.")
        @Default("100")
        @Min(0)
        @Max(100)
        @Nullable
        Integer confidencePercent,

        @JsonPropertyDescription("Labels of the nodes whose devices count as received; none if absent.") @Nullable
        LabelSelector receiveSelector,

        @JsonPropertyDescription(
                "Active while something is to come, Closed when all came, Cancelled when nothing will.")
        @Default("Active")
        @Nullable
        State state) {
    /** Whether an order still brings something. */
    public enum State {
        @JsonProperty("Active")
        ACTIVE,
        @JsonProperty("Closed")
        CLOSED,
        @JsonProperty("Cancelled")
        CANCELLED
    }

    /** A lot of an order. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Delivery(
            @JsonPropertyDescription("Name of the lot, unique in the order.")
            @Required
            @Size(min = 1, max = Schema.MOST_LABEL)
            @Pattern(Schema.LABEL)
            String name,

            @JsonPropertyDescription("Number of devices.") @Required @Min(1) @Max(10_000_000)
            Long count,

            @JsonPropertyDescription("Day on which it was promised, such as 2027-01-15.")
            @Required
            @Schema.Format("date")
            String promisedDate) {}
}
