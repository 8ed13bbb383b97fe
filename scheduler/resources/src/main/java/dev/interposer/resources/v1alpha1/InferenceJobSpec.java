package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an inference job wants. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema.FixedUnlessSuspended(except = {"suspend", "priorityClassName", "replicas", "scaling"})
@ValidationRule(
        value = "!has(self.scaling) || (self.scaling.minReplicas <= self.replicas"
                + " && self.replicas <= self.scaling.maxReplicas)",
        message = "replicas must be between scaling.minReplicas and scaling.maxReplicas",
        fieldPath = ".replicas")
@ValidationRule(
        value = "!has(self.sourcing) || self.sourcing.minSuppliers <= self.replicas",
        message = "sourcing.minSuppliers is above replicas: fewer replicas rest on fewer suppliers",
        fieldPath = ".sourcing")
@ValidationRule(
        value = "!has(self.sourcing) || self.sourcing.minLossCoveragePercent == 0"
                + " || self.replicas * (100 - self.sourcing.minLossCoveragePercent) >= 100",
        message =
                "sourcing.minLossCoveragePercent lets no supplier serve even one of the replicas. Maybe more replicas?",
        fieldPath = ".sourcing")
public record InferenceJobSpec(
        @JsonPropertyDescription("Name of the JobQueue that the replicas wait in."
                + " May be left out where the namespace carries the label interposer.dev/queue.")
        @Size(max = Schema.MOST_NAME)
        @Nullable
        String queueName,

        @JsonPropertyDescription("Name of the priority class; higher goes first within the queue.")
        @Size(max = Schema.MOST_NAME)
        @Nullable
        String priorityClassName,

        @JsonPropertyDescription("Row of the conversion table: work of one kind, such as one model at one precision,"
                + " whose speeds on different classes can be compared.")
        @Size(max = Schema.MOST_NAME)
        @Nullable
        String workloadFamily,

        @JsonPropertyDescription("Whether its owner holds the job back. All of the spec may change while this is true."
                + " For objects of Kubernetes; every other way to submit refuses true.")
        @Default("false")
        @Nullable
        Boolean suspend,

        @JsonPropertyDescription("Seconds after its first start at which the job is stopped; never if 0 or absent.")
        @Min(0)
        @Max(Schema.MOST_SECONDS)
        @Nullable
        Long activeDeadlineSeconds,

        @JsonPropertyDescription(
                "Seconds after its end at which the job is forgotten; as the fleet is set up if absent.")
        @Min(0)
        @Max(Schema.MOST_SECONDS)
        @Nullable
        Long ttlSecondsAfterFinished,

        @JsonPropertyDescription("Number of replicas. kubectl scale and autoscalers write it.")
        @Default("1")
        @Min(1)
        @Max(4096)
        @SpecReplicas
        @Nullable
        Integer replicas,

        @JsonPropertyDescription(
                "Bounds of the number of replicas, and who sets it; whoever writes replicas if absent.")
        @Nullable
        Scaling scaling,

        @JsonPropertyDescription("How much may be disturbed at once, in whole replicas.") @Nullable
        Disruption disruption,

        @JsonPropertyDescription("How a change of the replicas is rolled out.") @Nullable
        Rollout rollout,

        @JsonPropertyDescription("How evenly replicas are spread over the domains of topology levels.")
        @Size(max = 8)
        @Schema.Keys("level")
        @Nullable
        List<Spread> spread,

        @JsonPropertyDescription("How far the replicas may rest on one supplier.") @Nullable
        Sourcing sourcing,

        @JsonPropertyDescription("The Service in front of the replicas; none if absent.") @Nullable
        Service service,

        @JsonPropertyDescription("Pod template that is the base of every profile, as in Kubernetes' PodTemplateSpec."
                + " Devices are asked for by accelerators, never among its resources.")
        @Schema.FreeForm({"metadata", "spec"})
        @Nullable
        JsonNode template,

        @JsonPropertyDescription("The ways in which a replica can run. Their order is no preference.")
        @Required
        @Size(min = 1, max = 16)
        @Schema.Keys("name")
        List<Profile> profiles) {
    /** How the number of replicas follows load. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "self.minReplicas <= self.maxReplicas",
            message = "minReplicas is above maxReplicas. Maybe swap them?",
            fieldPath = ".minReplicas")
    public record Scaling(
            @JsonPropertyDescription("Who sets the number: External for whoever writes replicas, Internal for this"
                    + " scheduler by load. Internal is not supported by this version, which refuses it.")
            @Default("External")
            @Nullable
            Mode mode,

            @JsonPropertyDescription("Least number of replicas.") @Default("1") @Min(1) @Max(4096) @Nullable
            Integer minReplicas,

            @JsonPropertyDescription("Most replicas.") @Default("1") @Min(1) @Max(4096) @Nullable
            Integer maxReplicas,

            @JsonPropertyDescription("The load that the number follows.") @Nullable
            Metric metric,

            @JsonPropertyDescription("Seconds that a lower load must last before replicas are taken away.")
            @Min(0)
            @Max(Schema.MOST_SECONDS)
            @Nullable
            Long scaleDownStabilizationSeconds) {
        /** Who sets the number. */
        public enum Mode {
            @JsonProperty("Internal")
            INTERNAL,
            @JsonProperty("External")
            EXTERNAL
        }

        /** A load. */
        @JsonInclude(JsonInclude.Include.NON_NULL)
        public record Metric(
                @JsonPropertyDescription("Where the gauge is read.") @Nullable
                PrometheusEndpoint prometheus,

                @JsonPropertyDescription("Value of the gauge that each replica should have, such as 8 or 500m.")
                @Nullable
                Quantity targetPerReplica) {}
    }

    /** How much may be disturbed at once. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Disruption(
            @JsonPropertyDescription(
                    "Replicas that others may make leave at once, those that are down included; none if 0.")
            @Default("0")
            @Min(0)
            @Max(4096)
            @Nullable
            Integer maxUnavailable,

            @JsonPropertyDescription("Seconds between the asking and the killing of a replica.")
            @Default("30")
            @Min(0)
            @Max(86_400)
            @Nullable
            Long graceSeconds) {}

    /** How a change is rolled out. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Rollout(
            @JsonPropertyDescription("Replicas above the number while a change is rolled out.")
            @Default("1")
            @Min(0)
            @Max(4096)
            @Nullable
            Integer maxSurge,

            @JsonPropertyDescription("Replicas below the number while a change is rolled out.")
            @Default("0")
            @Min(0)
            @Max(4096)
            @Nullable
            Integer maxUnavailable) {}

    /** How evenly replicas are spread. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Spread(
            @JsonPropertyDescription("Topology level of the class, such as block.")
            @Required
            @Size(min = 1, max = Schema.MOST_LABEL)
            @Pattern(Schema.LABEL)
            String level,

            @JsonPropertyDescription("Replicas that one domain may have more than the one with the fewest.")
            @Default("1")
            @Min(1)
            @Max(4096)
            @Nullable
            Integer maxSkew) {}

    /** How far the replicas may rest on one supplier. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Sourcing(
            @JsonPropertyDescription("Tier at which suppliers are counted.") @Default("Designer") @Nullable
            Tier tier,

            @JsonPropertyDescription("Least number of suppliers that the replicas rest on; any if 0.")
            @Default("0")
            @Min(0)
            @Max(4096)
            @Nullable
            Integer minSuppliers,

            @JsonPropertyDescription(
                    "Least percent of the replicas that is left when any one supplier is lost; any if 0.")
            @Default("0")
            @Min(0)
            @Max(99)
            @Nullable
            Integer minLossCoveragePercent) {}

    /** The Service in front of the replicas. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Service(
            @JsonPropertyDescription("Port that clients use.") @Min(1) @Max(65_535) @Nullable
            Integer port,

            @JsonPropertyDescription("Port of the container.") @Min(1) @Max(65_535) @Nullable
            Integer targetPort) {}
}
