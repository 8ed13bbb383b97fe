package dev.interposer.engine.state;

import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.model.WorkerPhase;
import dev.interposer.engine.model.WorkerPlacement;
import org.jspecify.annotations.Nullable;

/** One worker of a gang's present attempt. */
public final class WorkerState {
    private final GangState gang;
    private final int index;
    private final WorkerPlacement placement;
    /** It stays for as long as the worker is bound to it; null if it was gone before. */
    @Nullable
    NodeState node;

    private long startedAtMicros;
    private long endedAtMicros;
    private @Nullable EndCause endCause;
    private int exitCode;
    private String message = "";

    WorkerState(GangState gang, int index, WorkerPlacement placement) {
        this.gang = gang;
        this.index = index;
        this.placement = placement;
    }

    public GangState gang() {
        return gang;
    }

    long jobId() {
        return gang.job().id();
    }

    public int index() {
        return index;
    }

    public WorkerKey key() {
        return new WorkerKey(gang.job().id(), gang.index(), gang.attempt(), index);
    }

    public WorkerPlacement placement() {
        return placement;
    }

    public long nodeId() {
        return placement.nodeId();
    }

    /** The role of the profile under which the gang was placed. */
    public Role role() {
        return gang.profile().roles().get(placement.role());
    }

    public WorkerPhase phase() {
        if (endCause != null) {
            return WorkerPhase.ENDED;
        }
        return startedAtMicros > 0 ? WorkerPhase.RUNNING : WorkerPhase.ASSIGNED;
    }

    public boolean ended() {
        return endCause != null;
    }

    /** When its agent confirmed that it runs, microseconds; 0 for not yet. */
    public long startedAtMicros() {
        return startedAtMicros;
    }

    /** When its end was confirmed, microseconds; 0 for not yet. */
    public long endedAtMicros() {
        return endedAtMicros;
    }

    public @Nullable EndCause endCause() {
        return endCause;
    }

    public int exitCode() {
        return exitCode;
    }

    public String message() {
        return message;
    }

    void start(long atMicros) {
        startedAtMicros = atMicros;
    }

    void end(long atMicros, EndCause cause, int code, String text) {
        endedAtMicros = atMicros;
        endCause = cause;
        exitCode = code;
        message = text;
    }
}
