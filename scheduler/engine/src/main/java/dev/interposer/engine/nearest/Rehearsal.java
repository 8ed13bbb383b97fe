package dev.interposer.engine.nearest;

import dev.interposer.engine.explain.Explanation;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What would become of a job with the next decision, played on a copy.
 *
 * @param started which gangs start, and where
 * @param waiting indexes of the gangs that wait
 * @param why the first of those waits; null if all start
 */
public record Rehearsal(
        List<Started> started,
        List<Integer> waiting,
        @Nullable Explanation why) {
    public Rehearsal {
        started = List.copyOf(started);
        waiting = List.copyOf(waiting);
    }

    /** A gang that starts. */
    public record Started(int gang, Placed place) {}

    /** Of several jobs of one image, each beside the others. */
    public static List<Rehearsal> of(Image image, List<Long> jobIds) {
        State copy = image.copy();
        Scheduler scheduler = image.start(copy, () -> false);
        return jobIds.stream().map(jobId -> of(copy, scheduler, jobId)).toList();
    }

    private static Rehearsal of(State copy, Scheduler scheduler, long jobId) {
        JobState job = Objects.requireNonNull(copy.jobs().find(jobId), () -> "no job with id " + jobId);
        List<Started> started = new ArrayList<>();
        List<Integer> waiting = new ArrayList<>();
        for (GangState gang : job.gangs()) {
            if (gang.phase().holdsDevices()) {
                started.add(new Started(gang.index(), Placed.of(gang, copy)));
            } else {
                waiting.add(gang.index());
            }
        }
        Explanation why =
                waiting.isEmpty() ? null : scheduler.explain(job.gangs().get(waiting.getFirst()));
        return new Rehearsal(started, waiting, why);
    }
}
