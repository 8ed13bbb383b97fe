package dev.interposer.engine.order;

import dev.interposer.engine.state.GangState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The waiting gangs, grouped by shape.
 *
 * <p><b>Goals.</b> Higher priority first; within a priority, first come first served; a hundred thousand waiting gangs
 * of few shapes cost no more than the shapes.
 *
 * <p><b>Constraints.</b> A shape that found no place is set aside and not tried again until {@link #wake} says that
 * something which it lacks has changed. Later work of another shape may pass one that is set aside.
 *
 * <p><b>Algorithm.</b> Ready shapes are a sorted set by priority and by their longest waiting gang; those set aside
 * are a list.
 */
public final class Backlog {
    private static final Comparator<Shape> ORDER =
            Comparator.comparingInt((Shape shape) -> -shape.priority()).thenComparing(Shape::head, Shape.FIFO);

    private final Map<Key, Shape> shapes = new HashMap<>();
    private final TreeSet<Shape> ready = new TreeSet<>(ORDER);
    private final TreeSet<Shape> aside = new TreeSet<>(ORDER);
    private int gangs;

    private record Key(long specId, int priority) {}

    public void add(GangState gang) {
        Key key = keyOf(gang);
        Shape shape = shapes.get(key);
        if (shape == null) {
            shape = new Shape(gang);
            shape.ready = true;
            shapes.put(key, shape);
        } else {
            setOf(shape).remove(shape);
        }
        if (shape.add(gang)) {
            gangs++;
        }
        setOf(shape).add(shape);
    }

    public void remove(GangState gang) {
        Key key = keyOf(gang);
        Shape shape = shapes.get(key);
        if (shape == null) {
            throw new IllegalStateException("gang of job " + gang.job().fullName() + " does not wait");
        }
        setOf(shape).remove(shape);
        if (!shape.remove(gang)) {
            throw new IllegalStateException("gang of job " + gang.job().fullName() + " does not wait");
        }
        gangs--;
        if (shape.size() == 0) {
            shapes.remove(key);
        } else {
            setOf(shape).add(shape);
        }
    }

    /** The shape to be tried next, or null. */
    public @Nullable Shape first() {
        return ready.isEmpty() ? null : ready.first();
    }

    /** Not to be tried again before it is woken. */
    public void setAside(Shape shape) {
        ready.remove(shape);
        shape.ready = false;
        aside.add(shape);
    }

    /** Shapes for which something changed that they may lack. */
    public void wake(Predicate<Shape> concerned) {
        List<Shape> woken = new ArrayList<>();
        for (Shape shape : aside) {
            if (concerned.test(shape)) {
                woken.add(shape);
            }
        }
        for (Shape shape : woken) {
            aside.remove(shape);
            shape.ready = true;
            ready.add(shape);
        }
    }

    /** The shapes that come first, those set aside among them. */
    public List<Shape> first(int most) {
        List<Shape> found = new ArrayList<>();
        PeekingShapes left = new PeekingShapes(ready);
        PeekingShapes right = new PeekingShapes(aside);
        while (found.size() < most) {
            Shape a = left.next;
            Shape b = right.next;
            if (a == null && b == null) {
                break;
            }
            boolean takeLeft = b == null || (a != null && ORDER.compare(a, b) <= 0);
            found.add((takeLeft ? left : right).take());
        }
        return found;
    }

    /** Place of a gang among those of its queue, from 1. */
    public int position(GangState gang) {
        int ahead = 0;
        String queue = gang.job().spec().queueName();
        for (Shape shape : shapes.values()) {
            if (!shape.spec().queueName().equals(queue)
                    || shape.priority() < gang.job().priority()) {
                continue;
            }
            ahead += shape.priority() > gang.job().priority() ? shape.size() : shape.ahead(gang);
        }
        return ahead + 1;
    }

    public int size() {
        return gangs;
    }

    public int shapes() {
        return shapes.size();
    }

    private static final class PeekingShapes {
        private final Iterator<Shape> rest;
        private @Nullable Shape next;

        PeekingShapes(Set<Shape> shapes) {
            rest = shapes.iterator();
            next = rest.hasNext() ? rest.next() : null;
        }

        Shape take() {
            Shape taken = Objects.requireNonNull(next);
            next = rest.hasNext() ? rest.next() : null;
            return taken;
        }
    }

    private Set<Shape> setOf(Shape shape) {
        return shape.ready ? ready : aside;
    }

    private static Key keyOf(GangState gang) {
        return new Key(gang.job().specId(), gang.job().priority());
    }
}
