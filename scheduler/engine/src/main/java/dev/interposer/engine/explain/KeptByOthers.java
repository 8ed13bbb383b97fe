package dev.interposer.engine.explain;

import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.state.GangState;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The places that are kept for gangs. */
public interface KeptByOthers {
    /**
     * Who keeps others from a place.
     *
     * @param gang for whom it is kept
     * @param nodeId where the others would be in its way
     */
    record Holder(GangState gang, long nodeId) {}

    /**
     * For whom a place is kept that a search would find if nothing were kept.
     *
     * @return null if the search finds nothing even then, or nothing that is kept
     */
    @Nullable
    Holder holder(GangState asker, Supplier<@Nullable Placement> search);
}
