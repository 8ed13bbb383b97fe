package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The devices of one worker: of a class by name, or of any class that a selector admits. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "self.perWorker == 0 || has(self.className) != has(self.selector)",
        message = "needs a className or a selector, and not both",
        fieldPath = ".className")
@ValidationRule(
        value = "self.perWorker > 0 || (!has(self.className) && !has(self.selector) && !has(self.partition))",
        message = "takes no device, and one is described beside it. Maybe leave out accelerators?",
        fieldPath = ".perWorker")
@ValidationRule(
        value = "self.shareMilli == 1000 || self.perWorker == 1",
        message = "a share is of one device: perWorker must be 1",
        fieldPath = ".shareMilli")
@ValidationRule(
        value = "!has(self.partition) || self.perWorker == 1",
        message = "a worker gets one partition: perWorker must be 1",
        fieldPath = ".partition")
@ValidationRule(
        value = "!has(self.partition) || self.shareMilli == 1000",
        message = "a partition is not shared further",
        fieldPath = ".shareMilli")
public record Accelerators(
        @JsonPropertyDescription("Name of an AcceleratorClass. One of className and selector is needed.")
        @Size(min = 1, max = Schema.MOST_NAME)
        @Nullable
        String className,

        @JsonPropertyDescription("Any class that satisfies all of this; all workers of a gang get the same class.")
        @Nullable
        Selector selector,

        @JsonPropertyDescription("Number of devices of each worker; 0 for work that needs none.")
        @Default("1")
        @Min(0)
        @Max(64)
        @Nullable
        Integer perWorker,

        @JsonPropertyDescription("Share of the one device that a worker gets, in thousandths; 1000 is the whole.")
        @Default("1000")
        @Min(1)
        @Max(1000)
        @Nullable
        Integer shareMilli,

        @JsonPropertyDescription(
                "Name of a partition of the class, such as 3g.40gb: a worker gets that part of a device.")
        @Size(min = 1, max = Schema.MOST_NAME)
        @Nullable
        String partition,

        @JsonPropertyDescription("Name of the container that gets the devices; main, or else the first, if absent.")
        @Size(max = Schema.MOST_NAME)
        @Nullable
        String container) {
    /** Constraints that a class satisfies. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Selector(
            @JsonPropertyDescription("Names of classes, one of which it must be; any if absent.")
            @Size(max = 64)
            @Schema.Unordered
            @Nullable
            List<@Size(max = Schema.MOST_NAME) String> classNames,

            @JsonPropertyDescription("Chip family of the class, such as hopper.")
            @Size(max = Schema.MOST_NAME)
            @Nullable
            String chipFamily,

            @JsonPropertyDescription("Least nominal memory of one device, in bytes, such as 80G.") @Nullable
            Quantity minMemory,

            @JsonPropertyDescription(
                    "Number formats for each of which the class must state a throughput, such as bf16.")
            @Size(max = 64)
            @Schema.Unordered
            @Nullable
            List<@Size(max = Schema.MOST_NAME) String> dtypes) {}
}
