package dev.interposer.engine.placement;

import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.state.GangState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How evenly the replicas of one job must lie.
 *
 * @param rules a level and the most by which two of its domains may differ
 * @param others one node of every other replica that has a place and keeps it
 */
public record Spread(List<InferenceSpec.Spread> rules, Ids others) {
    public Spread {
        rules = List.copyOf(rules);
    }

    /** The rule that one gang is under; null for none. */
    public static @Nullable Spread of(GangState gang) {
        InferenceSpec inference = gang.job().spec().inference();
        if (inference == null || inference.spread().isEmpty()) {
            return null;
        }
        long[] nodes = gang.job().gangs().stream()
                .filter(other ->
                        other != gang && !other.leaving() && other.phase().holdsDevices())
                .mapToLong(other -> other.workers().getFirst().nodeId())
                .toArray();
        return new Spread(inference.spread(), Ids.of(nodes));
    }
}
