package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a queue is entitled to. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.quotas) || self.quotas.all(a, self.quotas.exists_one(b, a.scope == b.scope))",
        message = "quotas: two have the same scope",
        fieldPath = ".quotas")
public record JobQueueSpec(
        @JsonPropertyDescription("Name of the queue above; root if absent.") @Size(max = Schema.MOST_NAME) @Nullable
        String parentName,

        @JsonPropertyDescription("Namespaces whose jobs may name the queue; none if absent."
                + " Whoever submits needs the verb use on the queue besides.")
        @Nullable
        LabelSelector namespaceSelector,

        @JsonPropertyDescription("Part of what is shared with the queues beside it: twice the weight, twice the part.")
        @Default("1")
        @Min(1)
        @Max(1_000_000)
        @Nullable
        Integer weight,

        @JsonPropertyDescription("What is guaranteed and limited, each for some of the devices.")
        @Size(max = 64)
        @Nullable
        List<Quota> quotas,

        @JsonPropertyDescription("What one user may have of the queue at once.") @Nullable
        PerUser perUser,

        @JsonPropertyDescription(
                "Device hours that may be used in a time." + " Not supported by this version, which refuses it.")
        @Nullable
        Budget budget,

        @JsonPropertyDescription("Seconds after which past use counts half; 0 or absent counts present use only.")
        @Min(0)
        @Max(31_622_400)
        @Nullable
        Long usageHalfLifeSeconds,

        @JsonPropertyDescription("Open starts work. Hold starts nothing. Drain starts nothing and accepts nothing."
                + " Running work goes on, and the state holds for all queues below.")
        @Default("Open")
        @Nullable
        State state) {
    /** Whether a queue starts work. */
    public enum State {
        @JsonProperty("Open")
        OPEN,
        @JsonProperty("Hold")
        HOLD,
        @JsonProperty("Drain")
        DRAIN
    }

    /** What is guaranteed and limited for some of the devices. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "!has(self.guarantee) || !has(self.limit) || self.guarantee <= self.limit",
            message = "guarantee is above limit. Maybe swap them?",
            fieldPath = ".guarantee")
    @ValidationRule(
            value = "!has(self.lendLimit) || self.lendLimit <= (has(self.guarantee) ? self.guarantee : 0)",
            message = "lendLimit is more than the guarantee: nothing else can be lent",
            fieldPath = ".lendLimit")
    public record Quota(
            @JsonPropertyDescription("Which devices are spoken of; all, in reference devices, if absent.")
            @Default("{\"all\": true}")
            @Nullable
            Scope scope,

            @JsonPropertyDescription("Devices that the queue gets back when it wants them; none if absent.")
            @Min(0)
            @Max(100_000_000)
            @Nullable
            Long guarantee,

            @JsonPropertyDescription("Devices that the queue has at most; no bound if absent.")
            @Min(0)
            @Max(100_000_000)
            @Nullable
            Long limit,

            @JsonPropertyDescription("Devices above its guarantee that it may borrow; no bound if absent.")
            @Min(0)
            @Max(100_000_000)
            @Nullable
            Long borrowLimit,

            @JsonPropertyDescription(
                    "Devices of its guarantee that it lends while it does not need them; all if absent.")
            @Min(0)
            @Max(100_000_000)
            @Nullable
            Long lendLimit) {}

    /** Which devices a quota speaks of. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "[has(self.className), has(self.chipFamily), has(self.supplierName), has(self.all)]"
                    + ".filter(given, given).size() == 1",
            message = "scope needs exactly one of className, chipFamily, supplierName and all")
    @ValidationRule(value = "!has(self.all) || self.all", message = "all can only be true", fieldPath = ".all")
    public record Scope(
            @JsonPropertyDescription("Devices of this AcceleratorClass.")
            @Size(min = 1, max = Schema.MOST_NAME)
            @Nullable
            String className,

            @JsonPropertyDescription("Devices of this chip family.") @Size(min = 1, max = Schema.MOST_NAME) @Nullable
            String chipFamily,

            @JsonPropertyDescription("Devices that this Supplier designs.")
            @Size(min = 1, max = Schema.MOST_NAME)
            @Nullable
            String supplierName,

            @JsonPropertyDescription("All devices, counted in reference devices.") @Nullable
            Boolean all) {}

    /** What one user may have at once. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PerUser(
            @JsonPropertyDescription("Devices that one user has at most; no bound if 0.")
            @Default("0")
            @Min(0)
            @Max(100_000_000)
            @Nullable
            Integer maxDevices,

            @JsonPropertyDescription("Jobs of one user that run at once at most; no bound if 0.")
            @Default("0")
            @Min(0)
            @Max(100_000_000)
            @Nullable
            Integer maxRunningJobs) {}

    /** Device hours that may be used in a time. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Budget(
            @JsonPropertyDescription("Hours of devices, in reference devices.") @Min(0) @Nullable
            Long deviceHours,

            @JsonPropertyDescription("The time: Month.") @Nullable
            Period period,

            @JsonPropertyDescription("What happens when all is used: OpportunisticOnly or Hold.") @Nullable
            OnExhausted onExhausted) {
        /** After what a budget is new. */
        public enum Period {
            @JsonProperty("Month")
            MONTH
        }

        /** What happens when all is used. */
        public enum OnExhausted {
            @JsonProperty("OpportunisticOnly")
            OPPORTUNISTIC_ONLY,
            @JsonProperty("Hold")
            HOLD
        }
    }
}
