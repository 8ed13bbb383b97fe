package dev.interposer.engine.nearest;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes copies, changes them, and lets the scheduler decide on them whether one gang starts. */
public final class Trials {
    private final Image image;
    private final State base;
    private final JobState job;
    private final int gang;
    private int made;

    public Trials(Image image, long jobId, int gang) {
        this.image = image;
        this.base = image.copy();
        this.job = Objects.requireNonNull(base.jobs().find(jobId), () -> "no job with id " + jobId);
        this.gang = gang;
    }

    /** As the state was; nothing is decided on it. */
    State base() {
        return base;
    }

    GangState gang() {
        return job.gangs().get(gang);
    }

    long atMicros() {
        return image.atMicros();
    }

    /** How much work a trial is, at least. */
    int size() {
        return image.size();
    }

    /** How many were made. */
    public int made() {
        return made;
    }

    /** Where the gang starts after these changes, with everybody who waits in the order of precedence; null if not. */
    public @Nullable Placed start(List<Part> parts) {
        return start(draft(parts));
    }

    /** Whether it starts after these changes with nobody else waiting: then more can only help. */
    boolean startsAlone(List<Part> parts) {
        Draft draft = draft(parts);
        for (JobState other : base.jobs().all()) {
            for (GangState waits : other.gangs()) {
                boolean self = other.id() == job.id() && waits.index() == gang;
                if (!self && (waits.phase() == GangPhase.WAITING || waits.phase() == GangPhase.BACKOFF)) {
                    draft.happens(new JobEvent.GangEnded(other.id(), waits.index(), Reason.of(ReasonCode.CANCELLED)));
                }
            }
        }
        return start(draft) != null;
    }

    private Draft draft(List<Part> parts) {
        Draft draft = new Draft(base.settings(), job.spec(), job.priority());
        parts.stream().sorted(Comparator.comparing(Part::kind)).forEach(part -> part.apply(draft));
        return draft;
    }

    private @Nullable Placed start(Draft draft) {
        made++;
        State copy = image.copy(job.id(), draft);
        GangState target =
                Objects.requireNonNull(copy.jobs().find(job.id())).gangs().get(gang);
        int earlier = target.attempt();
        image.start(copy, () -> target.attempt() > earlier);
        return target.attempt() > earlier ? Placed.of(target, copy) : null;
    }
}
