package dev.interposer.engine.order;

import dev.interposer.engine.fairness.QueueNode;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What waits directly in one queue. */
final class Lane {
    final String queueName;
    private final int number;
    final TreeSet<Shape> ready = new TreeSet<>(Shape.ORDER);
    /** Null while there is no such queue. */
    @Nullable
    QueueNode node;
    /** Best of this round of choosing. */
    @Nullable
    Shape candidate;

    Lane(String queueName, int number) {
        this.queueName = queueName;
        this.number = number;
    }

    /** A shape takes part in the choice; the lane is touched by the first. */
    void offer(Shape shape, List<Lane> touched) {
        Shape best = candidate;
        if (best == null) {
            touched.add(this);
        }
        if (best == null || Shape.ORDER.compare(shape, best) < 0) {
            candidate = shape;
        }
    }

    /** Each is equal to itself alone; a number, so that a hash says the same in every run. */
    @Override
    public int hashCode() {
        return number;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }
}
