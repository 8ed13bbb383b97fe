package dev.interposer.engine.nearest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What would have to change for a gang to start.
 *
 * @param outcome whether something was found
 * @param parts all of which are needed; empty unless found
 * @param cost sum over the parts
 * @param place where it starts then; null if nothing was found
 * @param trials copies on which the scheduler decided
 * @param revision of the state that was copied
 */
public record NearestChange(
        Outcome outcome,
        List<Part> parts,
        int cost,
        @Nullable Placed place,
        int trials,
        long revision) {
    public NearestChange {
        parts = List.copyOf(parts);
    }

    /** How the search ended. */
    public enum Outcome {
        /** It starts as things are, with the next decision. */
        STARTS_NOW,
        /**
         * No set of one or two parts that costs less makes it start, each part by the most that it can be, or by
         * what one of the profiles asks for. A set of three or more may cost less, and rarely an amount in between that
         * lets in some of those who come first.
         */
        CHEAPEST,
        /** None of its parts can be left out. Nothing is said of its cost: something else may cost less. */
        MINIMAL,
        /** Not even all changes of these kinds together make it start, with nobody else waiting. */
        NONE,
        /** Nothing was found within the bound on trials. Something may help all the same. */
        BOUND_REACHED
    }
}
