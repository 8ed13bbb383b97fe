package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Selects by labels that all must be there. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LabelSelector(
        @JsonPropertyDescription("Labels and the values that they must have, all of them.") @Size(max = 64) @Nullable
        Map<String, @Size(max = Schema.MOST_LABEL) String> matchLabels) {}
