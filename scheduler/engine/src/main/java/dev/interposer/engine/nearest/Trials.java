package dev.interposer.engine.nearest;

import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes copies, changes them, and lets the scheduler decide on them whether one gang starts. */
public final class Trials {
    private static final int STARTS_AT_ONCE = 64;

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
        made++;
        Draft draft = new Draft(base.settings(), job.spec(), job.priority());
        parts.stream().sorted(Comparator.comparing(Part::kind)).forEach(part -> part.apply(draft));
        State copy = image.copy(job.id(), draft);
        Scheduler scheduler = Scheduler.following(copy);
        GangState target =
                Objects.requireNonNull(copy.jobs().find(job.id())).gangs().get(gang);
        int earlier = target.attempt();
        int events;
        do {
            events = scheduler.start(
                    image.atMicros(),
                    STARTS_AT_ONCE,
                    event -> copy.apply(copy.revision() + 1, image.atMicros(), event));
            if (target.attempt() > earlier) {
                return Placed.of(target, copy);
            }
        } while (events > 0);
        return null;
    }
}
