package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A metric that a worker serves in the form of Prometheus. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PrometheusEndpoint(
        @JsonPropertyDescription("Port of the worker at which it is served.") @Required @Min(1) @Max(65_535)
        Integer port,

        @JsonPropertyDescription("Path at which it is served, such as /metrics.")
        @Size(max = Schema.MOST_NAME)
        @Nullable
        String path,

        @JsonPropertyDescription("Name of the metric.") @Size(max = Schema.MOST_NAME) @Nullable
        String metric) {}
