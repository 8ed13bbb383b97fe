package dev.interposer.agent.health;

import java.util.List;

/**
 * When a device fell ill.
 *
 * @param atMillis from the first on, on the clock of whoever asks its health
 * @param worst what it was at its worst since the first of them
 */
public record Falls(List<Long> atMillis, Verdict worst) {
    public static final Falls NONE = new Falls(List.of(), Verdict.HEALTHY);

    public Falls {
        atMillis = List.copyOf(atMillis);
    }
}
