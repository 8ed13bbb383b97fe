package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** Why a job waits, and what would start it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Waiting(
        @JsonPropertyDescription("Why it waits, in one word for programs, such as InsufficientDevices.")
        @Size(max = Schema.MOST_NAME)
        @Nullable
        String reason,

        @JsonPropertyDescription("Why it waits, in words for people.") @Size(max = 32_768) @Nullable
        String message,

        @JsonPropertyDescription("Place in the line of its queue; 1 is the next.") @Min(1) @Nullable
        Long queuePosition,

        @JsonPropertyDescription("When it is likely to start; not known if absent.")
        @Schema.Format("date-time")
        @Nullable
        String estimatedStartTime,

        @JsonPropertyDescription("The smallest change that would start it, tried on a copy of the fleet.") @Nullable
        NearestChange nearestChange) {
    /** A change that was found to start the job. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record NearestChange(
            @JsonPropertyDescription("Kind of the change, such as AddProfile.") @Size(max = Schema.MOST_NAME) @Nullable
            String kind,

            @JsonPropertyDescription("The change in words for people.") @Size(max = 32_768) @Nullable
            String message,

            @JsonPropertyDescription("Revision of the ledger at which it was tried.") @Min(0) @Nullable
            Long verifiedAtRevision) {}
}
