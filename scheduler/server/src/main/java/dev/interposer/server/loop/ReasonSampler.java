package dev.interposer.server.loop;

import dev.interposer.control.core.Controller;
import dev.interposer.engine.fit.Need;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.order.Shape;
import dev.interposer.engine.state.GangState;
import dev.interposer.server.view.WaitingReasons;
import dev.interposer.server.view.WaitingReasons.ShapeKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Looks a few times a second why the first shapes of the backlog wait, so that a list of jobs can say it.
 *
 * <p>One look is bounded in time; the next one goes on where it ended. Exact and fresh is what {@code explain} says.
 */
final class ReasonSampler {
    private static final int SHAPES = 1024;
    private static final long EVERY_NANOS = 250_000_000;
    private static final long LOOK_NANOS = 3_000_000;

    private final Map<ShapeKey, Reason> known = new HashMap<>();
    private long nextNanos = Long.MIN_VALUE;
    private int at;

    boolean due(long nanos) {
        return nextNanos == Long.MIN_VALUE || nanos - nextNanos >= 0;
    }

    WaitingReasons look(Controller controller) {
        long begun = System.nanoTime();
        nextNanos = begun + EVERY_NANOS;
        List<Shape> shapes = controller.waiting(SHAPES);
        Set<ShapeKey> waiting = new HashSet<>();
        shapes.forEach(shape -> waiting.add(key(shape)));
        known.keySet().retainAll(waiting);
        for (int looked = 0; looked < shapes.size() && System.nanoTime() - begun < LOOK_NANOS; looked++) {
            at = (at + 1) % shapes.size();
            Shape shape = shapes.get(at);
            GangState example = shape.first(gang -> gang.reservation() == null);
            if (example != null) {
                known.put(key(shape), ofAll(controller.explain(example).reason()));
            }
        }
        return WaitingReasons.of(known);
    }

    private static ShapeKey key(Shape shape) {
        return new ShapeKey(
                shape.queueName(),
                shape.priority(),
                Need.of(shape.spec()),
                shape.userName(),
                shape.startedProfile(),
                shape.jobId());
    }

    /** Places in the queue differ within a shape. */
    private static Reason ofAll(Reason reason) {
        if (reason.code() != ReasonCode.BEHIND_OTHERS) {
            return reason;
        }
        Map<String, String> parameters = new TreeMap<>(reason.parameters());
        parameters.remove("position");
        return new Reason(reason.code(), parameters);
    }
}
