package dev.interposer.engine.model;

/** A tier of supply. */
public enum Tier {
    DESIGNER,
    SELLER,
    FOUNDRY,
    MEMORY,
    PACKAGING
}
