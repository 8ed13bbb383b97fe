package dev.interposer.engine.placement;

import dev.interposer.engine.model.Ids;
import org.jspecify.annotations.Nullable;

/**
 * What a gang may take, beyond what fits.
 *
 * @param mostWorkers no more workers than this, whatever the profile allows; fewer than its minimum: no place
 * @param spread how evenly the replicas of its job are spread; null for no such rule
 * @param avoided nodes on which there is no place, whatever is free there
 */
public record Bounds(int mostWorkers, @Nullable Spread spread, Ids avoided) {
    public static final Bounds NONE = new Bounds(Integer.MAX_VALUE, null, Ids.NONE);
}
