package dev.interposer.control.core;

import dev.interposer.control.agents.Desired;
import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.Comparator;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What falls due when. An index over the state: it follows events, can be built anew from the state, and a timer that fires is held
 * against the state before anything comes of it.
 */
final class Timers {
    private static final Comparator<Timer> ORDER = Comparator.comparingLong(Timer::dueMicros)
            .thenComparing(Timer::kind)
            .thenComparingLong(Timer::id)
            .thenComparingInt(Timer::gang);

    private final State state;
    private final ControlSettings settings;
    private final TreeSet<Timer> timers = new TreeSet<>(ORDER);
    private int ended;

    /** What a timer is for. */
    enum Kind {
        /** A gang's back-off has passed. */
        BACKOFF,
        /** A job has run for as long as it may. */
        DEADLINE,
        /** An ended job leaves the live state. */
        FORGET,
        /** Workers that stop themselves must have done so by now. */
        SELF_FENCE
    }

    /** @param id of the job, or of the node for {@link Kind#SELF_FENCE} */
    record Timer(long dueMicros, Kind kind, long id, int gang) {}

    Timers(State state, ControlSettings settings) {
        this.state = state;
        this.settings = settings;
        for (JobState job : state.jobs().all()) {
            for (GangState gang : job.gangs()) {
                if (gang.phase() == GangPhase.BACKOFF) {
                    timers.add(new Timer(gang.notBeforeMicros(), Kind.BACKOFF, job.id(), gang.index()));
                }
            }
            if (job.ended()) {
                forget(job, job.endedAtMicros());
            } else {
                deadline(job);
            }
        }
        for (NodeState node : state.nodes().all()) {
            if (node.phase() == NodePhase.LOST) {
                selfFence(node, node.phaseSinceMicros());
            }
        }
    }

    void follow(long atMicros, Event event) {
        switch (event) {
            case JobEvent.GangRequeued requeued -> {
                if (requeued.notBeforeMicros() > 0) {
                    timers.add(new Timer(requeued.notBeforeMicros(), Kind.BACKOFF, requeued.jobId(), requeued.gang()));
                }
            }
            case JobEvent.WorkerStarted started ->
                deadline(require(started.key().jobId()));
            case JobEvent.JobEnded jobEnded -> forget(require(jobEnded.jobId()), atMicros);
            case JobEvent.JobForgotten forgotten -> ended--;
            case FleetEvent.NodeLost lost -> {
                NodeState node = state.nodes().find(lost.nodeId());
                if (node != null) {
                    selfFence(node, atMicros);
                }
            }
            default -> {
                // Nothing falls due by it.
            }
        }
    }

    /** Takes the next timer that is due, or returns null. */
    @Nullable
    Timer due(long nowMicros) {
        if (timers.isEmpty() || timers.first().dueMicros() > nowMicros) {
            return null;
        }
        return timers.pollFirst();
    }

    /** When the next timer is due; the greatest long for never. */
    long nextDueMicros() {
        return timers.isEmpty() ? Long.MAX_VALUE : timers.first().dueMicros();
    }

    /** The ended job that would be forgotten first, if there are more of them than allowed; or null. */
    @Nullable
    Timer surplus() {
        if (ended <= settings.mostEndedJobs()) {
            return null;
        }
        for (Timer timer : timers) {
            if (timer.kind() == Kind.FORGET) {
                timers.remove(timer);
                return timer;
            }
        }
        return null;
    }

    private void forget(JobState job, long endedAtMicros) {
        Long ttl = job.spec().ttlSecondsAfterFinished();
        long after = ttl == null ? settings.endedTtlMicros() : ttl * 1_000_000;
        timers.add(new Timer(endedAtMicros + after, Kind.FORGET, job.id(), 0));
        ended++;
    }

    private void deadline(JobState job) {
        long seconds = job.spec().activeDeadlineSeconds();
        long started = job.firstStartedAtMicros();
        if (seconds > 0 && started > 0) {
            timers.add(new Timer(started + seconds * 1_000_000, Kind.DEADLINE, job.id(), 0));
        }
    }

    private void selfFence(NodeState node, long lostAtMicros) {
        for (WorkerState worker : node.workers()) {
            FailurePolicy policy = Desired.failurePolicy(worker.gang().job().spec());
            if (policy.onNodeLost() == FailurePolicy.OnNodeLost.SELF_FENCE) {
                long due = lostAtMicros + policy.leaseSeconds() * 1_000_000 + settings.selfFenceMarginMicros();
                timers.add(new Timer(due, Kind.SELF_FENCE, node.id(), 0));
            }
        }
    }

    private JobState require(long id) {
        JobState job = state.jobs().find(id);
        if (job == null) {
            throw new IllegalStateException("no job with id " + id);
        }
        return job;
    }
}
