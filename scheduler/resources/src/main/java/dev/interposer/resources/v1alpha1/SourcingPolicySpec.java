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
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far the fleet, or a part of its work, may rest on one supplier. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "(has(self.rules) && self.rules.size() > 0) || (has(self.inference)"
                + " && (self.inference.minSuppliers > 1 || self.inference.minLossCoveragePercent > 0))",
        message = "rules: the policy says nothing. Maybe a rule, or inference?")
public record SourcingPolicySpec(
        @JsonPropertyDescription("Whose work is counted and bound; the whole fleet's if absent.") @Nullable
        Scope scope,

        @JsonPropertyDescription("What shares are shares of: Installed for all that is installed,"
                + " Entitled for the guarantees of the queues of the scope. Neither moves with a start.")
        @Default("Installed")
        @Nullable
        Basis basis,

        @JsonPropertyDescription("Reference devices of one supplier up to which nothing is blocked,"
                + " so that an empty fleet can start.")
        @Default("0")
        @Min(0)
        @Max(10_000_000)
        @Nullable
        Long minimumReferenceDevices,

        @JsonPropertyDescription("Bounds, each on one supplier at one tier.") @Size(max = 32) @Nullable
        List<Rule> rules,

        @JsonPropertyDescription("Percent points by which the bound of a Soft rule is missed before it is heard.")
        @Default("0")
        @Min(0)
        @Max(50)
        @Nullable
        Integer hysteresisPercent,

        @JsonPropertyDescription("What a Hard cap does with work that no other supplier could run:"
                + " CountOnly lets it start and counts it, Block does not.")
        @Default("CountOnly")
        @Nullable
        PinnedWork pinnedWork,

        @JsonPropertyDescription("What every inference job of the scope must satisfy.") @Nullable
        Inference inference,

        @JsonPropertyDescription("Work that no rule blocks, for a time. It is counted all the same.")
        @Size(max = 64)
        @Schema.Keys("name")
        @Nullable
        List<PolicyException> exceptions) {
    /** Whose work a policy speaks of. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Scope(
            @JsonPropertyDescription("Queues with all that is below them; any if absent.")
            @Size(max = 64)
            @Schema.Unordered
            @Nullable
            List<@Size(max = Schema.MOST_NAME) String> queueNames,

            @JsonPropertyDescription("Labels of the jobs; any if absent.") @Nullable
            LabelSelector jobSelector) {}

    /** What shares are shares of. */
    public enum Basis {
        @JsonProperty("Installed")
        INSTALLED,
        @JsonProperty("Entitled")
        ENTITLED
    }

    /** A bound on one supplier at one tier. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "has(self.capPercent) || has(self.targetPercent) || has(self.floorPercent)",
            message = "needs one of capPercent, targetPercent and floorPercent")
    @ValidationRule(
            value = "self.enforcement != 'Hard' || has(self.capPercent)",
            message = "enforcement Hard needs capPercent: only a cap can be enforced at starts. Maybe Soft?",
            fieldPath = ".enforcement")
    @ValidationRule(
            value = "!has(self.floorPercent) || !has(self.targetPercent) || self.floorPercent <= self.targetPercent",
            message = "floorPercent is above targetPercent. Maybe swap them?",
            fieldPath = ".floorPercent")
    @ValidationRule(
            value = "!has(self.targetPercent) || !has(self.capPercent) || self.targetPercent <= self.capPercent",
            message = "targetPercent is above capPercent. Maybe swap them?",
            fieldPath = ".targetPercent")
    @ValidationRule(
            value = "!has(self.floorPercent) || !has(self.capPercent) || self.floorPercent <= self.capPercent",
            message = "floorPercent is above capPercent. Maybe swap them?",
            fieldPath = ".floorPercent")
    public record Rule(
            @JsonPropertyDescription("Tier at which the supplier is counted.") @Required
            Tier tier,

            @JsonPropertyDescription("Name of the Supplier whose share is bound.")
            @Required
            @Size(min = 1, max = Schema.MOST_NAME)
            String supplierName,

            @JsonPropertyDescription("Most percent that it may have.") @Min(0) @Max(100) @Nullable
            Integer capPercent,

            @JsonPropertyDescription(
                    "Percent that it should have: at most beside a cap, at least beside a floor, else both.")
            @Min(0)
            @Max(100)
            @Nullable
            Integer targetPercent,

            @JsonPropertyDescription("Least percent that it should have.") @Min(0) @Max(100) @Nullable
            Integer floorPercent,

            @JsonPropertyDescription("Hard: no start may create an excess or deepen one. Soft: a price in the choice of"
                    + " profile. Report: seen, and blocks nothing.")
            @Required
            Enforcement enforcement) {}

    /** What a rule does. */
    public enum Enforcement {
        @JsonProperty("Hard")
        HARD,
        @JsonProperty("Soft")
        SOFT,
        @JsonProperty("Report")
        REPORT
    }

    /** What a hard cap does with work that no other supplier could run. */
    public enum PinnedWork {
        @JsonProperty("CountOnly")
        COUNT_ONLY,
        @JsonProperty("Block")
        BLOCK
    }

    /** What inference jobs must satisfy. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Inference(
            @JsonPropertyDescription("Tier at which suppliers are counted.") @Default("Designer") @Nullable
            Tier tier,

            @JsonPropertyDescription("Least number of suppliers that the replicas of a job rest on; any if 0.")
            @Default("0")
            @Min(0)
            @Max(16)
            @Nullable
            Integer minSuppliers,

            @JsonPropertyDescription(
                    "Least percent of a job's replicas that is left when any one supplier is lost; any if 0.")
            @Default("0")
            @Min(0)
            @Max(99)
            @Nullable
            Integer minLossCoveragePercent) {}

    /** Work that no rule blocks, for a time. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "has(self.jobSelector.matchLabels) && self.jobSelector.matchLabels.size() > 0",
            message = "jobSelector is empty and would except everything. Maybe enforcement Report?",
            fieldPath = ".jobSelector")
    public record PolicyException(
            @JsonPropertyDescription("Name of the exception, unique in the policy.")
            @Required
            @Size(min = 1, max = Schema.MOST_LABEL)
            @Pattern(Schema.LABEL)
            String name,

            @JsonPropertyDescription("Labels of the jobs that are excepted.") @Required
            LabelSelector jobSelector,

            @JsonPropertyDescription("Why, in words for people.") @Size(max = 256) @Nullable
            String reason,

            @JsonPropertyDescription("When it ends, such as 2027-03-31T00:00:00Z.")
            @Required
            @Schema.Format("date-time")
            String until) {}
}
