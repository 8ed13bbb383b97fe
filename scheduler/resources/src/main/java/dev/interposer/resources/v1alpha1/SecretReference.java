package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** Where a secret value is; the value itself is in no object. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SecretReference(
        @JsonPropertyDescription("Name of the Secret.") @Required @Size(min = 1, max = Schema.MOST_NAME)
        String secretName,

        @JsonPropertyDescription("Namespace of the Secret.") @Size(max = Schema.MOST_LABEL) @Nullable
        String namespace) {}
