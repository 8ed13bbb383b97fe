package dev.interposer.server.view;

import dev.interposer.engine.fit.Need;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import java.util.List;
import java.util.Map;

/** Why work waits, by shape, as the leader last saw it. */
public final class WaitingReasons {
    /** Of a server that does not decide. */
    public static final WaitingReasons UNKNOWN = new WaitingReasons(Map.of(), Reason.NONE);

    private final Map<ShapeKey, Reason> byShape;
    private final Reason otherwise;

    /**
     * What is alike waits for the same.
     *
     * @param userName empty where users are not bounded
     * @param jobId 0 unless the gangs of the job depend on each other
     */
    public record ShapeKey(
            String queueName, int priority, Need need, String userName, int startedProfile, long jobId) {}

    private WaitingReasons(Map<ShapeKey, Reason> byShape, Reason otherwise) {
        this.byShape = Map.copyOf(byShape);
        this.otherwise = otherwise;
    }

    public static WaitingReasons of(Map<ShapeKey, Reason> byShape) {
        return new WaitingReasons(byShape, Reason.of(ReasonCode.NOT_CONSIDERED));
    }

    public Reason of(GangState gang) {
        JobState job = gang.job();
        Need need = Need.of(job.spec());
        for (String user : List.of("", job.userName())) {
            for (long id : new long[] {0, job.id()}) {
                Reason known = byShape.get(
                        new ShapeKey(job.spec().queueName(), job.priority(), need, user, gang.startedProfile(), id));
                if (known != null) {
                    return known;
                }
            }
        }
        return otherwise;
    }
}
