package dev.interposer.engine.order;

import dev.interposer.engine.fairness.QueueNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is.
 *
 * <p><b>Goals.</b> Every queue first gets what it is guaranteed; beyond that higher bands first; inside a band the
 * queue that has used least for its weight.
 *
 * <p><b>Constraints.</b> Hierarchical: what queues far below do to each other does not change whose turn it is above.
 *
 * <p><b>Algorithm.</b> Each lane brings its best shape. From the deepest queues up, the children of a queue are held
 * against each other, each with the best shape below it: one that its child queue is guaranteed goes before one that it
 * is not, then the higher priority, then the smaller share, then the name. The winner goes one level up.
 */
final class Tournament {
    private final Rules rules;
    private final List<List<Entrant>> byDepth = new ArrayList<>();
    /** By the numbers of the queues; those of another choice than the present one are stale. */
    private final List<Entrant> entrants = new ArrayList<>();

    private long choice;

    /** What the tree of queues says of a start. */
    interface Rules {
        /** Whether some way of starting the shape stays within what the queue is guaranteed. */
        boolean guaranteed(QueueNode queue, Shape shape);
    }

    /** A queue with the best that is below it so far. */
    private static final class Entrant {
        private @Nullable QueueNode node;
        private long choice;
        private @Nullable Shape best;
        private @Nullable QueueNode through;
        private boolean guaranteed;
        /** Whether it is known if the best is guaranteed. */
        private boolean judged;

        private void enter(Shape shape, QueueNode by, boolean isGuaranteed) {
            best = shape;
            through = by;
            guaranteed = isGuaranteed;
        }
    }

    Tournament(Rules rules) {
        this.rules = rules;
    }

    /** The first of the lanes' candidates; null if there is none that may start. Clears the candidates. */
    @Nullable
    Shape first(List<Lane> lanes) {
        choice++;
        for (List<Entrant> ofDepth : byDepth) {
            ofDepth.clear();
        }
        for (int index = 0; index < lanes.size(); index++) {
            Lane lane = lanes.get(index);
            Shape shape = lane.candidate;
            lane.candidate = null;
            QueueNode node = lane.node;
            if (shape != null && node != null && node.open()) {
                offer(node, node, shape);
            }
        }
        for (int depth = byDepth.size() - 1; depth > 0; depth--) {
            List<Entrant> ofDepth = byDepth.get(depth);
            for (int index = 0; index < ofDepth.size(); index++) {
                Entrant entrant = ofDepth.get(index);
                QueueNode node = entrant.node;
                QueueNode parent = node == null ? null : node.parent();
                if (node != null && parent != null && entrant.best != null) {
                    offer(parent, node, entrant.best);
                }
            }
        }
        return byDepth.isEmpty() || byDepth.getFirst().isEmpty()
                ? null
                : byDepth.getFirst().getFirst().best;
    }

    private void offer(QueueNode at, QueueNode through, Shape shape) {
        Entrant entrant = entrant(at);
        if (entrant.best == null) {
            entrant.enter(shape, through, false);
            entrant.judged = false;
            return;
        }
        if (!entrant.judged) {
            // Most are the only one; what they are guaranteed is asked when there is another.
            entrant.guaranteed = guaranteed(at, entrant.through, entrant.best);
            entrant.judged = true;
        }
        boolean guaranteed = guaranteed(at, through, shape);
        if (before(shape, through, guaranteed, entrant)) {
            entrant.enter(shape, through, guaranteed);
        }
    }

    private boolean guaranteed(QueueNode at, @Nullable QueueNode through, Shape shape) {
        return through != null && through != at && rules.guaranteed(through, shape);
    }

    private Entrant entrant(QueueNode at) {
        while (entrants.size() <= at.number()) {
            entrants.add(new Entrant());
        }
        Entrant entrant = entrants.get(at.number());
        if (entrant.choice != choice) {
            entrant.choice = choice;
            entrant.node = at;
            entrant.best = null;
            while (byDepth.size() <= at.depth()) {
                byDepth.add(new ArrayList<>());
            }
            byDepth.get(at.depth()).add(entrant);
        }
        return entrant;
    }

    private static boolean before(Shape shape, QueueNode through, boolean guaranteed, Entrant entrant) {
        Shape best = entrant.best;
        QueueNode other = entrant.through;
        if (best == null || other == null) {
            return true;
        }
        if (guaranteed != entrant.guaranteed) {
            return guaranteed;
        }
        if (shape.priority() != best.priority()) {
            return shape.priority() > best.priority();
        }
        if (through.shareMilli() != other.shareMilli()) {
            return through.shareMilli() < other.shareMilli();
        }
        return through.name().compareTo(other.name()) < 0;
    }
}
