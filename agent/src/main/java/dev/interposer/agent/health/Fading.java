package dev.interposer.agent.health;

import dev.interposer.agent.driver.Signal;

/**
 * What counts for a device still and ends by itself: an event, or a state that is over.
 *
 * @param signal as it was raised
 * @param untilMillis on the clock of whoever asks its health
 */
public record Fading(Signal signal, long untilMillis) {}
