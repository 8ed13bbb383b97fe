package dev.interposer.engine.nearest;

import java.util.function.IntFunction;

/**
 * A part of a change by any amount.
 *
 * @param kind of change
 * @param cost of it, by whatever amount
 * @param most the amount that can help most, at least 1
 * @param making the part by an amount from 1 to most
 */
record Option(ChangeKind kind, int cost, int most, IntFunction<Part> making) {
    static Option once(Part part) {
        return new Option(part.kind(), part.cost(), 1, amount -> part);
    }

    Part by(int amount) {
        return making.apply(amount);
    }

    Part byMost() {
        return by(most);
    }
}
