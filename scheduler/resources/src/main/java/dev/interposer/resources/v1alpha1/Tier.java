package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** A tier of supply. */
public enum Tier {
    @JsonProperty("Designer")
    DESIGNER,
    @JsonProperty("Seller")
    SELLER,
    @JsonProperty("Foundry")
    FOUNDRY,
    @JsonProperty("Memory")
    MEMORY,
    @JsonProperty("Packaging")
    PACKAGING
}
