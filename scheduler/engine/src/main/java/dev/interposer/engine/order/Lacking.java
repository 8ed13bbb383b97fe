package dev.interposer.engine.order;

import dev.interposer.engine.fit.RoomNeed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The shapes of one lane that lack one kind of room, in their order: what cannot hold one holds none of them. */
final class Lacking {
    /** By the first of each; one shape may be the first of several, with a need for each of its profiles. */
    private static final Comparator<Lacking> ORDER = Lacking::compare;

    final RoomNeed need;
    private final Kind kind;
    private final InLane lane;
    private final long number;
    private final List<Shape> shapes = new ArrayList<>(1);
    /** The first of them. */
    private @Nullable Shape head;

    /** What a lane lacks on one kind of node that needs equally many free devices there. */
    static final class InLane {
        final Lane lane;
        /** A node with fewer free whole devices need not be looked at. */
        final int leastFree;

        /** In the order of their first shapes. */
        final List<Lacking> lacking = new ArrayList<>();

        private long numbers;

        InLane(Lane lane, int leastFree) {
            this.lane = lane;
            this.leastFree = leastFree;
        }

        private void add(Lacking one) {
            lacking.add(-Collections.binarySearch(lacking, one, ORDER) - 1, one);
        }

        private void remove(Lacking one) {
            lacking.remove(Collections.binarySearch(lacking, one, ORDER));
        }
    }

    Lacking(Kind kind, RoomNeed need, InLane lane) {
        this.kind = kind;
        this.need = need;
        this.lane = lane;
        this.number = lane.numbers++;
    }

    boolean isIn(InLane other) {
        return lane == other;
    }

    /** Forgets itself where nobody lacks it any more. */
    void dropIfEmpty() {
        if (shapes.isEmpty()) {
            kind.drop(this);
        }
    }

    private static int compare(Lacking a, Lacking b) {
        int byHead = Shape.ORDER.compare(a.head(), b.head());
        return byHead != 0 ? byHead : Long.compare(a.number, b.number);
    }

    Shape head() {
        return Objects.requireNonNull(head);
    }

    void add(Shape shape) {
        int place = -Collections.binarySearch(shapes, shape, Shape.ORDER) - 1;
        if (place > 0) {
            shapes.add(place, shape);
            return;
        }
        if (!shapes.isEmpty()) {
            lane.remove(this);
        }
        shapes.addFirst(shape);
        head = shape;
        lane.add(this);
    }

    void remove(Shape shape) {
        int place = shape == head ? 0 : Collections.binarySearch(shapes, shape, Shape.ORDER);
        if (place < 0) {
            throw new IllegalStateException("a shape is not where it was set aside");
        }
        if (place > 0) {
            shapes.remove(place);
            return;
        }
        lane.remove(this);
        shapes.removeFirst();
        head = shapes.isEmpty() ? null : shapes.getFirst();
        if (head != null) {
            lane.add(this);
        }
    }

    /** The first that was not tried since a release; or null. */
    @Nullable
    Shape untried(long releasedAt) {
        if (head != null && head.triedAt < releasedAt) {
            return head;
        }
        for (int index = 1; index < shapes.size(); index++) {
            if (shapes.get(index).triedAt < releasedAt) {
                return shapes.get(index);
            }
        }
        return null;
    }
}
