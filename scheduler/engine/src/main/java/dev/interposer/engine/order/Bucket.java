package dev.interposer.engine.order;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Shapes that one rule keeps back, by lane.
 *
 * <p>Moving every shape to the ready ones at each release would cost as much as there are shapes. So they stay here,
 * and only the first of each lane takes part in the choice while the blocker is open; one that was tried in vain steps
 * back until the blocker changes again.
 */
final class Bucket {
    private final Blocker blocker;
    private final Map<Lane, Waiting> byLane = new HashMap<>();
    private final List<Waiting> lanes = new ArrayList<>();
    private long version;
    private int size;

    /** Of one lane. */
    private static final class Waiting {
        private final Lane lane;
        private TreeSet<Shape> fresh = new TreeSet<>(Shape.ORDER);
        private TreeSet<Shape> tried = new TreeSet<>(Shape.ORDER);

        Waiting(Lane lane) {
            this.lane = lane;
        }
    }

    Bucket(Blocker blocker) {
        this.blocker = blocker;
    }

    Blocker blocker() {
        return blocker;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** A shape was tried in vain at the present version. */
    void put(Shape shape, long now) {
        sync(now);
        waiting(shape.lane()).tried.add(shape);
        size++;
    }

    /** Puts a shape back whose head changed; it is worth a try. */
    void putBack(Shape shape, boolean untried) {
        Waiting waiting = waiting(shape.lane());
        (untried ? waiting.fresh : waiting.tried).add(shape);
        size++;
    }

    /** @return whether it was untried */
    boolean take(Shape shape) {
        Waiting waiting = waiting(shape.lane());
        size--;
        if (waiting.fresh.remove(shape)) {
            return true;
        }
        if (!waiting.tried.remove(shape)) {
            throw new IllegalStateException("a shape is not where it was set aside");
        }
        return false;
    }

    /** The first untried one of each lane takes part in the choice. */
    void offer(long now, List<Lane> touched) {
        sync(now);
        for (int index = 0; index < lanes.size(); index++) {
            Waiting waiting = lanes.get(index);
            if (!waiting.fresh.isEmpty()) {
                waiting.lane.offer(waiting.fresh.first(), touched);
            }
        }
    }

    private void sync(long now) {
        if (now == version) {
            return;
        }
        version = now;
        for (int index = 0; index < lanes.size(); index++) {
            Waiting waiting = lanes.get(index);
            if (waiting.fresh.isEmpty()) {
                TreeSet<Shape> swap = waiting.fresh;
                waiting.fresh = waiting.tried;
                waiting.tried = swap;
            } else if (!waiting.tried.isEmpty()) {
                waiting.fresh.addAll(waiting.tried);
                waiting.tried.clear();
            }
        }
    }

    private Waiting waiting(Lane lane) {
        Waiting known = byLane.get(lane);
        if (known == null) {
            known = new Waiting(lane);
            byLane.put(lane, known);
            lanes.add(known);
        }
        return known;
    }
}
