package dev.interposer.ledger.history;

import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a job when it has left the state. Times in microseconds since the epoch.
 *
 * @param revision of the event that ended it
 * @param phase in which it ended, such as {@code SUCCEEDED}
 * @param reason code of why
 * @param className class of the first gang's last attempt; empty for none
 * @param attempts of the gang that had most
 * @param startedAtMicros when it first ran; 0 for never
 */
public record EndedJob(
        long revision,
        long id,
        String namespace,
        String name,
        String queueName,
        String userName,
        String phase,
        String reason,
        String className,
        int attempts,
        long submittedAtMicros,
        long startedAtMicros,
        long endedAtMicros) {
    /** The job that ended by an entry, in the state after it; null if none did. */
    public static @Nullable EndedJob by(Entry entry, State after) {
        JobState job =
                entry.event() instanceof JobEvent.JobEnded ended ? after.jobs().find(ended.jobId()) : null;
        return job == null ? null : of(job);
    }

    /** Of a job that has ended, and to which nothing happens any more: the same whenever it is looked at. */
    public static EndedJob of(JobState job) {
        return new EndedJob(
                job.revision(),
                job.id(),
                job.namespace(),
                job.name(),
                job.spec().queueName(),
                job.userName(),
                job.phase().name(),
                job.reason().code().name(),
                job.gangs().isEmpty() ? "" : job.gangs().getFirst().className(),
                job.gangs().stream().mapToInt(GangState::attempt).max().orElse(0),
                job.submittedAtMicros(),
                job.firstStartedAtMicros(),
                job.endedAtMicros());
    }
}
