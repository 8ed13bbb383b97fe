package dev.interposer.engine.nearest;

import dev.interposer.engine.nearest.Option.Choice;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Every set of one or two choices of different options, in the order of cost; made one by one, since they are many. */
final class OneOrTwo implements Iterator<List<Choice>> {
    private static final int ALONE = -1;

    private final List<Choice> choices;
    private final PriorityQueue<Pair> next;
    private @Nullable Pair first;

    /** Places of its two choices, the second one ALONE or greater than the first. */
    private record Pair(int cost, int one, int other) {}

    /** @param choices in the order of cost */
    OneOrTwo(List<Choice> choices) {
        this.choices = choices;
        this.next = new PriorityQueue<>(Comparator.comparingInt(Pair::cost)
                // Of equal cost one alone comes first, then the order in which they were found.
                .thenComparing(pair -> pair.other() != ALONE)
                .thenComparingInt(Pair::one)
                .thenComparingInt(Pair::other));
        add(0, ALONE);
        add(0, 1);
        this.first = sound();
    }

    private void add(int one, int other) {
        if (Math.max(one, other) < choices.size()) {
            int more = other == ALONE ? 0 : choices.get(other).cost();
            next.add(new Pair(choices.get(one).cost() + more, one, other));
        }
    }

    /** The next in order; what follows it is not cheaper, so it is added only now. */
    private @Nullable Pair sound() {
        while (!next.isEmpty()) {
            Pair pair = next.remove();
            if (pair.other() == ALONE) {
                add(pair.one() + 1, ALONE);
                return pair;
            }
            add(pair.one(), pair.other() + 1);
            if (pair.other() == pair.one() + 1) {
                add(pair.one() + 1, pair.one() + 2);
            }
            if (bothCount(
                    choices.get(pair.one()).option(), choices.get(pair.other()).option())) {
                return pair;
            }
        }
        return null;
    }

    /** Two more classes are two ways to start, of which one is enough. */
    private static boolean bothCount(Option one, Option other) {
        return !one.equals(other) && (one.kind() != ChangeKind.OTHER_CLASS || other.kind() != ChangeKind.OTHER_CLASS);
    }

    @Override
    public boolean hasNext() {
        return first != null;
    }

    @Override
    public List<Choice> next() {
        Pair pair = Objects.requireNonNull(first);
        first = sound();
        Choice one = choices.get(pair.one());
        return pair.other() == ALONE ? List.of(one) : List.of(one, choices.get(pair.other()));
    }
}
