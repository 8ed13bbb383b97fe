package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a training job wants. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema.FixedUnlessSuspended(except = {"suspend", "priorityClassName", "profiles.workers", "profiles.roles.count"})
public record TrainingJobSpec(
        @JsonPropertyDescription("Name of the JobQueue that the job waits in."
                + " May be left out where the namespace carries the label interposer.dev/queue.")
        @Size(max = Schema.MOST_NAME)
        @Nullable
        String queueName,

        @JsonPropertyDescription("Name of the priority class; higher goes first within the queue.")
        @Size(max = Schema.MOST_NAME)
        @Nullable
        String priorityClassName,

        @JsonPropertyDescription(
                "Row of the conversion table: work of one kind, such as the same model, sequence length"
                        + " and global batch, whose speeds on different classes can be compared.")
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

        @JsonPropertyDescription("Seconds that it is believed to run on the first profile: a hint that may be wrong.")
        @Min(0)
        @Max(Schema.MOST_SECONDS)
        @Nullable
        Long estimatedSeconds,

        @JsonPropertyDescription("How the job says how far it is; it does not if absent.") @Nullable
        Progress progress,

        @JsonPropertyDescription("How the job saves what it has done; it does not if absent.") @Nullable
        Checkpoint checkpoint,

        @JsonPropertyDescription("When the job may be made to leave its devices to others.") @Nullable
        Preemption preemption,

        @JsonPropertyDescription("Whether the number of workers may change after the first start.") @Nullable
        Resize resize,

        @JsonPropertyDescription("Whether the job may go on under another profile after its first start:"
                + " AtCheckpoint only between profiles of the same checkpointFormat.")
        @Default("Never")
        @Nullable
        ProfileChange profileChange,

        @JsonPropertyDescription("What happens when a worker or its node fails.") @Nullable
        FailurePolicy failurePolicy,

        @JsonPropertyDescription("What may be run unasked to prove a profile; nothing if absent."
                + " Not supported by this version, which refuses it.")
        @Nullable
        Canary canary,

        @JsonPropertyDescription("Pod template that is the base of every profile, as in Kubernetes' PodTemplateSpec."
                + " Devices are asked for by accelerators, never among its resources.")
        @Schema.FreeForm({"metadata", "spec"})
        @Nullable
        JsonNode template,

        @JsonPropertyDescription("The ways in which the job can run. Their order is no preference.")
        @Required
        @Size(min = 1, max = 16)
        @Schema.Keys("name")
        List<Profile> profiles) {
    /** Whether work may move between profiles. */
    public enum ProfileChange {
        @JsonProperty("Never")
        NEVER,
        @JsonProperty("AtCheckpoint")
        AT_CHECKPOINT
    }

    /** How progress is told. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "has(self.push) != has(self.prometheus)",
            message = "one of push and prometheus is needed, and not both",
            fieldPath = ".push")
    public record Progress(
            @JsonPropertyDescription("What is counted: tokens or samples, the same on every profile.") @Required
            Unit unit,

            @JsonPropertyDescription("Amount in that unit at which the job is done, such as 300G; not known if absent.")
            @Nullable
            Quantity total,

            @JsonPropertyDescription("The job writes its count into a file; see the page on progress. Has no fields.")
            @Size(max = 0)
            @Nullable
            Map<String, String> push,

            @JsonPropertyDescription("The count is read from a metric of the worker of rank 0.") @Nullable
            PrometheusEndpoint prometheus) {}

    /** In what work is counted. */
    public enum Unit {
        @JsonProperty("tokens")
        TOKENS,
        @JsonProperty("samples")
        SAMPLES
    }

    /** Checkpoints that the job takes. The times are believed until they are measured. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Checkpoint(
            @JsonPropertyDescription("Seconds between two checkpoints.") @Min(0) @Max(Schema.MOST_SECONDS) @Nullable
            Long everySeconds,

            @JsonPropertyDescription("Seconds that saving one takes.") @Min(0) @Max(Schema.MOST_SECONDS) @Nullable
            Long saveSeconds,

            @JsonPropertyDescription("Seconds from a start until work goes on from a checkpoint.")
            @Min(0)
            @Max(Schema.MOST_SECONDS)
            @Nullable
            Long restoreSeconds,

            @JsonPropertyDescription("Signal at which the job saves and ends; SIGTERM if absent.") @Nullable
            Signal signal) {}

    /** A signal that asks a worker to leave. */
    public enum Signal {
        SIGTERM,
        SIGHUP,
        SIGINT,
        SIGQUIT,
        SIGUSR1,
        SIGUSR2
    }

    /** When a job may be evicted. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Preemption(
            @JsonPropertyDescription("When it may be evicted: Never, AtCheckpoint or Anytime."
                    + " AtCheckpoint is not supported by this version, which refuses it.")
            @Default("Anytime")
            @Nullable
            PreemptionPolicy policy,

            @JsonPropertyDescription("Seconds that it runs at least before it is evicted.")
            @Default("0")
            @Min(0)
            @Max(Schema.MOST_SECONDS)
            @Nullable
            Long minRuntimeSeconds,

            @JsonPropertyDescription("Seconds between the asking and the killing.")
            @Default("30")
            @Min(0)
            @Max(86_400)
            @Nullable
            Long graceSeconds) {
        /** When an eviction is allowed. */
        public enum PreemptionPolicy {
            @JsonProperty("Never")
            NEVER,
            @JsonProperty("AtCheckpoint")
            AT_CHECKPOINT,
            @JsonProperty("Anytime")
            ANYTIME
        }
    }

    /** Whether the size may change. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Resize(
            @JsonPropertyDescription("When the number of workers may change: Never, AtCheckpoint or Live."
                    + " Live is not supported by this version, which refuses it.")
            @Default("Never")
            @Nullable
            ResizePolicy policy,

            @JsonPropertyDescription("Seconds between two changes at least.")
            @Default("0")
            @Min(0)
            @Max(Schema.MOST_SECONDS)
            @Nullable
            Long cooldownSeconds) {
        /** When a change is allowed. */
        public enum ResizePolicy {
            @JsonProperty("Never")
            NEVER,
            @JsonProperty("AtCheckpoint")
            AT_CHECKPOINT,
            @JsonProperty("Live")
            LIVE
        }
    }

    /** What is run unasked to prove a profile. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Canary(
            @JsonPropertyDescription("Arguments that take the place of the container's.") @Size(max = 64) @Nullable
            List<@Size(max = 4096) String> args,

            @JsonPropertyDescription("Most seconds of devices, summed over devices, that one proof may take.")
            @Min(0)
            @Nullable
            Long maxDeviceSeconds,

            @JsonPropertyDescription("Name of the JobQueue that pays for it.") @Size(max = Schema.MOST_NAME) @Nullable
            String queueName,

            @JsonPropertyDescription("What counts as proven.") @Nullable
            Accept accept) {
        /** What counts as proven. */
        @JsonInclude(JsonInclude.Include.NON_NULL)
        public record Accept(
                @JsonPropertyDescription("Name of the metric that is compared between profiles, such as loss.")
                @Size(max = Schema.MOST_NAME)
                @Nullable
                String metric,

                @JsonPropertyDescription("Percent by which it may differ.") @Min(0) @Max(100) @Nullable
                Integer tolerancePercent) {}
    }
}
