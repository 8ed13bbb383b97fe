package dev.interposer.engine.nearest;

import java.util.List;
import java.util.function.IntFunction;

/**
 * A part of a change by any amount.
 *
 * @param kind of change
 * @param cost of it, by whatever amount
 * @param amounts that are tried, each at least 1, the most first
 * @param making the part by an amount from 1 to the most
 */
record Option(ChangeKind kind, int cost, List<Integer> amounts, IntFunction<Part> making) {
    static Option once(Part part) {
        return new Option(part.kind(), part.cost(), List.of(1), amount -> part);
    }

    Choice by(int amount) {
        return new Choice(this, amount);
    }

    Choice byMost() {
        return by(amounts.getFirst());
    }

    /** An option by one amount. */
    record Choice(Option option, int amount) {
        int cost() {
            return option.cost();
        }

        Part part() {
            return option.making().apply(amount);
        }
    }
}
