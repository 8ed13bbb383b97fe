package dev.interposer.simulation.redecide;

/**
 * A decision that comes out otherwise.
 *
 * @param revision of the recorded decision; of the last before it where nothing was decided
 * @param recorded what the server decided; empty for nothing
 * @param decided what is decided now; empty for nothing
 */
public record Difference(long revision, String recorded, String decided) {}
