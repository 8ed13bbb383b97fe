package dev.interposer.engine.order;

import dev.interposer.engine.fleet.Fleet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The shapes of one lane that lack room on one kind of node, in their order. */
final class Lacking {
    final Lane lane;
    private final List<Shape> shapes = new ArrayList<>();

    Lacking(Lane lane) {
        this.lane = lane;
    }

    /** @return false if it is there already */
    boolean add(Shape shape) {
        int place = Collections.binarySearch(shapes, shape, Shape.ORDER);
        if (place < 0) {
            shapes.add(-place - 1, shape);
        }
        return place < 0;
    }

    void remove(Shape shape) {
        int place = Collections.binarySearch(shapes, shape, Shape.ORDER);
        if (place < 0) {
            throw new IllegalStateException("a shape is not where it was set aside");
        }
        shapes.remove(place);
    }

    /**
     * The first that a node may hold and that was not tried since something was given back there; or null.
     *
     * @param hidden whether what is free on the node does not show
     */
    @Nullable
    Shape first(Fleet fleet, int node, int free, long releasedAt, boolean hidden) {
        for (int index = 0; index < shapes.size(); index++) {
            Shape shape = shapes.get(index);
            if (shape.triedAt < releasedAt && (hidden || (shape.leastFree <= free && shape.mayTake(fleet, node)))) {
                return shape;
            }
        }
        return null;
    }
}
