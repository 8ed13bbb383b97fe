package dev.interposer.engine.explain;

import dev.interposer.engine.model.Reason;
import java.util.List;

/**
 * Why a gang waits.
 *
 * @param reason the nearest to a start over all profiles
 * @param profiles one reason for each profile, in order
 * @param queuePosition place in its queue, from 1
 */
public record Explanation(Reason reason, List<Reason> profiles, int queuePosition) {
    public Explanation {
        profiles = List.copyOf(profiles);
    }
}
