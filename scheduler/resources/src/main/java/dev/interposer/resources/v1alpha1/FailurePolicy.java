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

/** What happens when a worker or its node fails. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "(self.onNodeLost == 'SelfFence') == has(self.leaseSeconds)",
        message = "leaseSeconds belongs to onNodeLost: SelfFence, which needs it",
        fieldPath = ".leaseSeconds")
public record FailurePolicy(
        @JsonPropertyDescription("Retries after the job's own faults. Faults of nodes, devices and admission use none.")
        @Default("6")
        @Min(0)
        @Max(10_000)
        @Nullable
        Integer backoffLimit,

        @JsonPropertyDescription("What is started again when one worker fails: RestartGang or ReplaceWorker."
                + " ReplaceWorker is not supported by this version, which refuses it.")
        @Default("RestartGang")
        @Nullable
        OnWorkerFailure onWorkerFailure,

        @JsonPropertyDescription("Exit codes after which nothing is retried.")
        @Size(max = 64)
        @Schema.Unordered
        @Nullable
        List<@Min(1) @Max(255) Integer> fatalExitCodes,

        @JsonPropertyDescription(
                "What becomes of the work of a silent node. WaitForFence: it stays bound until the node"
                        + " is back or an operator fences it. SelfFence: its agent stops it after leaseSeconds"
                        + " without a leader."
                        + " ReplaceAfterTimeout: it is placed again at once, and two copies may run for a while.")
        @Default("WaitForFence")
        @Nullable
        OnNodeLost onNodeLost,

        @JsonPropertyDescription("Seconds without a leader after which the work is stopped. Only with SelfFence.")
        @Min(5)
        @Max(86_400)
        @Nullable
        Long leaseSeconds) {
    /** What is started again when one worker fails. */
    public enum OnWorkerFailure {
        @JsonProperty("RestartGang")
        RESTART_GANG,
        @JsonProperty("ReplaceWorker")
        REPLACE_WORKER
    }

    /** What becomes of the work of a silent node. */
    public enum OnNodeLost {
        @JsonProperty("WaitForFence")
        WAIT_FOR_FENCE,
        @JsonProperty("SelfFence")
        SELF_FENCE,
        @JsonProperty("ReplaceAfterTimeout")
        REPLACE_AFTER_TIMEOUT
    }
}
