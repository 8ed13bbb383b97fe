package dev.interposer.server.view;

import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.state.JobState;
import java.util.Map;

/** Why work waits, by shape, as the leader last saw it. */
public final class WaitingReasons {
    /** Of a server that does not decide. */
    public static final WaitingReasons UNKNOWN = new WaitingReasons(Map.of(), Reason.NONE);

    private final Map<ShapeKey, Reason> byShape;
    private final Reason otherwise;

    /** Jobs of one spec and one priority wait for the same. */
    public record ShapeKey(long specId, int priority) {}

    private WaitingReasons(Map<ShapeKey, Reason> byShape, Reason otherwise) {
        this.byShape = Map.copyOf(byShape);
        this.otherwise = otherwise;
    }

    public static WaitingReasons of(Map<ShapeKey, Reason> byShape) {
        return new WaitingReasons(byShape, Reason.of(ReasonCode.NOT_CONSIDERED));
    }

    public Reason of(JobState job) {
        return byShape.getOrDefault(new ShapeKey(job.specId(), job.priority()), otherwise);
    }
}
