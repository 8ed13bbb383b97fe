package dev.interposer.engine.order;

import dev.interposer.engine.fit.RoomNeed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The shapes that lack one kind of room, by lane and in their order: what cannot hold one holds none of them. */
final class Lacking {
    final RoomNeed need;
    private final List<InLane> lanes = new ArrayList<>(1);
    private int size;

    /** Of one lane. */
    private record InLane(Lane lane, List<Shape> shapes) {}

    Lacking(RoomNeed need) {
        this.need = need;
    }

    boolean isEmpty() {
        return size == 0;
    }

    void add(Shape shape) {
        List<Shape> shapes = of(shape.lane());
        shapes.add(-Collections.binarySearch(shapes, shape, Shape.ORDER) - 1, shape);
        size++;
    }

    void remove(Shape shape) {
        List<Shape> shapes = of(shape.lane());
        int place = Collections.binarySearch(shapes, shape, Shape.ORDER);
        if (place < 0) {
            throw new IllegalStateException("a shape is not where it was set aside");
        }
        shapes.remove(place);
        size--;
    }

    private List<Shape> of(Lane lane) {
        for (InLane known : lanes) {
            if (known.lane() == lane) {
                return known.shapes();
            }
        }
        InLane made = new InLane(lane, new ArrayList<>(1));
        lanes.add(made);
        return made.shapes();
    }

    /**
     * The first of each lane that was not tried since a release takes part in the choice.
     *
     * @return whether there is any
     */
    boolean offer(long releasedAt, List<Lane> touched) {
        boolean any = false;
        for (int index = 0; index < lanes.size(); index++) {
            Shape first = untried(lanes.get(index).shapes(), releasedAt);
            if (first != null) {
                any = true;
                first.lane().offer(first, touched);
            }
        }
        return any;
    }

    private static @Nullable Shape untried(List<Shape> shapes, long releasedAt) {
        for (int index = 0; index < shapes.size(); index++) {
            if (shapes.get(index).triedAt < releasedAt) {
                return shapes.get(index);
            }
        }
        return null;
    }
}
