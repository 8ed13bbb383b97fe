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
 * What falls due when. An index over the state: it follows events, can be built anew from the state, and a timer that
 * fires is held
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
    private final Forgets forgets = new Forgets();

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
            case JobEvent.JobEnded jobEnded -> {
                JobState job = require(jobEnded.jobId());
                if (job.spec().activeDeadlineSeconds() > 0) {
                    timers.remove(deadlineOf(job));
                }
                forget(job, atMicros);
            }
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

    /** The same timer once more, later. */
    void again(Timer timer, long dueMicros) {
        timers.add(new Timer(dueMicros, timer.kind(), timer.id(), timer.gang()));
    }

    /** Takes the next timer that is due, or returns null. */
    @Nullable
    Timer due(long nowMicros) {
        if (!timers.isEmpty() && timers.first().dueMicros() <= nowMicros) {
            return timers.pollFirst();
        }
        return forgets.nextDueMicros() <= nowMicros ? forgets.poll() : null;
    }

    /** When the next timer is due; the greatest long for never. */
    long nextDueMicros() {
        long next = timers.isEmpty() ? Long.MAX_VALUE : timers.first().dueMicros();
        return Math.min(next, forgets.nextDueMicros());
    }

    /** The ended job that would be forgotten first, if there are more of them than allowed; or null. */
    @Nullable
    Timer surplus() {
        return forgets.size() > settings.bounds().mostEndedJobs() ? forgets.poll() : null;
    }

    private void forget(JobState job, long endedAtMicros) {
        Long ttl = job.spec().ttlSecondsAfterFinished();
        long after = ttl == null ? settings.times().endedTtlMicros() : ttl * 1_000_000;
        forgets.add(new Timer(endedAtMicros + after, Kind.FORGET, job.id(), 0), ttl == null);
    }

    private void deadline(JobState job) {
        if (job.spec().activeDeadlineSeconds() > 0 && job.firstStartedAtMicros() > 0) {
            timers.add(deadlineOf(job));
        }
    }

    private static Timer deadlineOf(JobState job) {
        long due = job.firstStartedAtMicros() + job.spec().activeDeadlineSeconds() * 1_000_000;
        return new Timer(due, Kind.DEADLINE, job.id(), 0);
    }

    private void selfFence(NodeState node, long lostAtMicros) {
        for (WorkerState worker : node.workers()) {
            FailurePolicy policy = Desired.failurePolicy(worker.gang().job().spec());
            if (policy.onNodeLost() == FailurePolicy.OnNodeLost.SELF_FENCE) {
                long due = lostAtMicros
                        + policy.leaseSeconds() * 1_000_000
                        + settings.times().selfFenceMarginMicros();
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
