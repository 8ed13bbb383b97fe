package dev.interposer.engine.preemption;

import dev.interposer.engine.state.GangState;
import org.jspecify.annotations.Nullable;

/** What it costs to have a gang out of the way. */
public interface Price {
    /** How the gang would leave, or null if it may not. Looked at again after others were taken out. */
    @Nullable
    Leave of(GangState gang);

    /** The gang was taken out for a try, or put back. */
    default void out(GangState gang, boolean isOut) {}
}
