package dev.interposer.engine.event;

import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.JobPhase;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReservationCause;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.model.WorkerPlacement;
import java.util.List;

/** What happens to jobs, their gangs and their workers. */
public sealed interface JobEvent extends Event {
    /** Id of the job that it is about; 0 for a spec and for request ids. */
    default long ofJob() {
        return switch (this) {
            case SpecStored stored -> 0;
            case JobSubmitted submitted -> submitted.jobId();
            case JobScaled scaled -> scaled.jobId();
            case JobCancelRequested asked -> asked.jobId();
            case GangAssigned assigned -> assigned.jobId();
            case GangReserved reserved -> reserved.jobId();
            case ReservationDropped dropped -> dropped.jobId();
            case WorkerStarted started -> started.key().jobId();
            case WorkerEnded ended -> ended.key().jobId();
            case GangStopping stopping -> stopping.jobId();
            case GangRequeued requeued -> requeued.jobId();
            case GangEligible eligible -> eligible.jobId();
            case GangEnded ended -> ended.jobId();
            case JobEnded ended -> ended.jobId();
            case JobForgotten forgotten -> forgotten.jobId();
            case RequestRemembered remembered -> 0;
            case RequestsForgotten forgotten -> 0;
        };
    }

    /** A spec, once for all jobs that share it. */
    record SpecStored(long specId, String sha256, JobSpec spec) implements JobEvent {}

    /**
     * A job was accepted; its gangs wait. {@code requestId} is a UUID in its text form, or empty. {@code userName} is
     * who submitted it, and whose bounds it counts to.
     */
    record JobSubmitted(
            long jobId, String namespace, String name, long specId, int priority, String requestId, String userName)
            implements JobEvent {}

    /**
     * A job is meant to have another size. Feature level 8.
     *
     * @param specId the spec that says so, 0 for the one that it has; they differ in their size alone
     * @param requestId as that of a submission
     * @param joining indexes of the gangs that serve from now on, those that left before among them
     * @param leaving indexes of the gangs that serve no more: one that waits ends by this, others when they stopped
     */
    record JobScaled(long jobId, long specId, String requestId, Ids joining, Ids leaving) implements JobEvent {}

    /** No gang of the job starts any more; those that are placed are stopped. */
    record JobCancelRequested(long jobId, Reason reason) implements JobEvent {}

    /** A gang is bound. The worker's index is its place in the list. */
    record GangAssigned(
            long jobId,
            int gang,
            int attempt,
            int profile,
            String className,
            List<WorkerPlacement> workers,
            long priceEpoch)
            implements JobEvent {
        public GangAssigned {
            workers = List.copyOf(workers);
        }
    }

    /**
     * A place is kept for a gang, on devices that others may still use; replaces the place that was kept before.
     *
     * @param startAtMicros when they are expected to be free; the greatest long if nobody can tell
     */
    record GangReserved(
            long jobId,
            int gang,
            int profile,
            String className,
            List<WorkerPlacement> workers,
            long startAtMicros,
            ReservationCause cause)
            implements JobEvent {
        public GangReserved {
            workers = List.copyOf(workers);
        }
    }

    /** The place is kept no more. A gang that is assigned, cancelled or ended gives it up without this event. */
    record ReservationDropped(long jobId, int gang) implements JobEvent {}

    /** An agent confirmed that a worker runs. */
    record WorkerStarted(WorkerKey key) implements JobEvent {}

    /** A worker is confirmed to run no more; its devices are free. {@code message} is for people, bounded. */
    record WorkerEnded(WorkerKey key, EndCause cause, int exitCode, String message) implements JobEvent {}

    /** Release of a gang's workers is asked for; devices stay bound until each one ended. */
    record GangStopping(long jobId, int gang, int attempt, StopCause cause, long graceSeconds) implements JobEvent {}

    /**
     * An attempt is over, every worker of it ended, and another may come.
     *
     * @param attempt the attempt that is over
     * @param notBeforeMicros not eligible before; 0 for at once
     * @param failures ends so far that count against the job
     * @param firstStartedAtMicros when the gang first ran; 0 for never
     * @param startedProfile place, from 1, of the profile under which it last ran; 0 for none
     * @param reason why the attempt is over
     * @param avoidedNodes ids of the nodes on which its last attempts failed, the latest last. Feature level 4.
     */
    record GangRequeued(
            long jobId,
            int gang,
            int attempt,
            long notBeforeMicros,
            int failures,
            long firstStartedAtMicros,
            int startedProfile,
            Reason reason,
            Ids avoidedNodes)
            implements JobEvent {}

    /** The back-off of a gang has passed. */
    record GangEligible(long jobId, int gang) implements JobEvent {}

    /** A gang ended for good; every worker of it ended. */
    record GangEnded(long jobId, int gang, Reason reason) implements JobEvent {}

    /** The job ended; every gang of it ended. */
    record JobEnded(long jobId, JobPhase phase, Reason reason) implements JobEvent {}

    /** An ended job leaves the live state; history keeps it. */
    record JobForgotten(long jobId) implements JobEvent {}

    /** A request id whose job is forgotten already; written in snapshots only. */
    record RequestRemembered(String requestId, long jobId) implements JobEvent {}

    /** Request ids remembered from before this time are dropped. */
    record RequestsForgotten(long beforeMicros) implements JobEvent {}
}
