package dev.interposer.control.core;

import dev.interposer.control.agents.Desired;
import dev.interposer.control.command.Utf8;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.EndCause.Consequence;
import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobPhase;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.WorkerState;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What follows when workers end: the rest of the gang is stopped, and when the last one is confirmed ended the gang
 * goes back to the
 * queue, ends well, or takes its job with it.
 */
final class GangLifecycle {
    /** Of an API server's own words in a reason. */
    private static final int MOST_WORDS = 512;

    private final PageDraft page;
    private final ControlSettings settings;

    GangLifecycle(PageDraft page, ControlSettings settings) {
        this.page = page;
        this.settings = settings;
    }

    /** Asks for the release of a gang's workers; does nothing if it holds none or is being stopped. */
    void stop(Actor actor, GangState gang, StopCause cause) {
        if (gang.phase() != GangPhase.ASSIGNED && gang.phase() != GangPhase.RUNNING) {
            return;
        }
        if (gang.liveWorkers() == 0) {
            settle(gang);
            return;
        }
        long grace = Desired.graceSeconds(gang.job().spec());
        page.add(actor, new JobEvent.GangStopping(gang.job().id(), gang.index(), gang.attempt(), cause, grace));
    }

    /** The end of a worker is confirmed. */
    void end(Actor actor, WorkerState worker, EndCause cause, int exitCode, String message) {
        page.add(actor, new JobEvent.WorkerEnded(worker.key(), cause, exitCode, message));
        GangState gang = worker.gang();
        if (gang.liveWorkers() == 0) {
            settle(gang);
        } else if (gang.phase() != GangPhase.STOPPING && endsTheGang(gang, cause)) {
            stop(actor, gang, cause == EndCause.NODE_LOST ? StopCause.NODE_LOST : StopCause.WORKER_FAILED);
        }
    }

    /** Ends a job for good: what holds devices is stopped, what waits ends at once. */
    void cancel(Actor actor, JobState job, Reason reason, StopCause cause) {
        if (job.cancelRequested() || job.ended()) {
            return;
        }
        page.add(actor, new JobEvent.JobCancelRequested(job.id(), reason));
        for (GangState gang : job.gangs()) {
            if (gang.phase() == GangPhase.WAITING || gang.phase() == GangPhase.BACKOFF) {
                page.add(actor, new JobEvent.GangEnded(job.id(), gang.index(), reason));
            } else {
                stop(actor, gang, cause);
            }
        }
        endJobIfAllEnded(job);
    }

    /** One worker of a training gang may finish before the others; a replica that loses a worker is no replica. */
    private static boolean endsTheGang(GangState gang, EndCause cause) {
        return cause != EndCause.COMPLETED || gang.job().spec().kind() == JobKind.INFERENCE;
    }

    private void settle(GangState gang) {
        JobState job = gang.job();
        if (job.cancelRequested() || gang.leaving()) {
            end(gang, job.cancelRequested() ? job.reason() : Reason.of(ReasonCode.SCALED_DOWN));
            return;
        }
        boolean completed = gang.workers().stream().allMatch(worker -> worker.endCause() == EndCause.COMPLETED);
        if (completed && job.spec().kind() == JobKind.TRAINING) {
            end(gang, Reason.of(ReasonCode.COMPLETED));
            return;
        }
        Optional<WorkerState> culprit = culprit(gang);
        boolean counted =
                culprit.map(worker -> has(worker, Consequence.USES_A_RETRY)).orElse(false);
        int failures = failuresBefore(gang) + (counted ? 1 : 0);
        FailurePolicy policy = Desired.failurePolicy(job.spec());
        if (culprit.isPresent() && fatal(culprit.get(), policy)) {
            fail(gang, ReasonCode.FATAL_EXIT_CODE, failures, policy, culprit.get());
        } else if (culprit.isPresent()
                && job.spec().kind() == JobKind.TRAINING
                && counted
                && failures > policy.backoffLimit()) {
            fail(gang, ReasonCode.BACKOFF_LIMIT_EXCEEDED, failures, policy, culprit.get());
        } else {
            requeue(gang, culprit.orElse(null), failures);
        }
    }

    /** A replica that served for long begins with a clean sheet; a training job's limit is for its whole life. */
    private int failuresBefore(GangState gang) {
        return servedLong(gang) ? 0 : gang.failures();
    }

    private boolean servedLong(GangState gang) {
        return gang.job().spec().kind() == JobKind.INFERENCE
                && page.atMicros() - gang.assignedAtMicros()
                        > 2 * settings.times().backoffMostMicros();
    }

    /** Whatever brought it down, counted or not, may have been the node; see {@link EndCause}. */
    private Ids avoidedNodes(GangState gang, @Nullable WorkerState culprit) {
        if (culprit == null || !has(culprit, Consequence.AVOIDS_THE_NODE)) {
            return servedLong(gang) ? Ids.NONE : gang.avoidedNodes();
        }
        return servedLong(gang) ? Ids.of(culprit.nodeId()) : gang.avoidingToo(culprit.nodeId());
    }

    /**
     * The worker whose end brought the gang down: the first that ended neither well nor by our wish. Once a stop was
     * asked for, ends
     * say nothing of the work any more.
     */
    private static Optional<WorkerState> culprit(GangState gang) {
        return gang.workers().stream()
                .filter(worker -> worker.endCause() != null && worker.endCause().failure())
                .filter(worker -> gang.stopCause() == null || worker.endedAtMicros() <= gang.stoppingAtMicros())
                .min(Comparator.comparingLong(WorkerState::endedAtMicros).thenComparingInt(WorkerState::index));
    }

    private static boolean has(WorkerState worker, Consequence consequence) {
        return worker.endCause() != null && worker.endCause().has(consequence);
    }

    private static boolean fatal(WorkerState worker, FailurePolicy policy) {
        return worker.endCause() == EndCause.EXIT_CODE
                && policy.fatalExitCodes().contains(worker.exitCode());
    }

    private void requeue(GangState gang, @Nullable WorkerState culprit, int failures) {
        Reason reason = culprit == null
                ? new Reason(ReasonCode.STOPPING, Map.of("cause", stopCause(gang)))
                : waiting(culprit, failures);
        // Without a pause only when nothing speaks for the same happening again at once.
        boolean pause = culprit == null
                ? gang.stopCause() == null && !releasedByAgent(gang)
                : has(culprit, Consequence.WAITS_FIRST) || again(gang, culprit);
        long notBefore = pause ? page.atMicros() + backoff(Math.max(1, failures)) : 0;
        page.add(
                Actor.SCHEDULER,
                new JobEvent.GangRequeued(
                        gang.job().id(),
                        gang.index(),
                        gang.attempt(),
                        notBefore,
                        failures,
                        gang.firstStartedAtMicros(),
                        gang.startedProfile(),
                        reason,
                        avoidedNodes(gang, culprit)));
    }

    /** On a node that it avoids already, or after as many nodes as are remembered: elsewhere will be no better. */
    private static boolean again(GangState gang, WorkerState culprit) {
        return has(culprit, Consequence.WAITS_THE_SECOND_TIME)
                && (gang.avoidedNodes().contains(culprit.nodeId())
                        || gang.avoidedNodes().size() >= GangState.MOST_AVOIDED);
    }

    /** Why it is placed again later: its failure, or what an API server had to say. */
    private static Reason waiting(WorkerState culprit, int failures) {
        return culprit.endCause() == EndCause.POD_REJECTED
                ? new Reason(ReasonCode.POD_REJECTED, Map.of("message", Utf8.head(culprit.message(), MOST_WORDS)))
                : ended(ReasonCode.BACKOFF, culprit, failures);
    }

    /** Nobody here asked for it: an agent ended and took its workers with it. */
    private static boolean releasedByAgent(GangState gang) {
        return gang.stopCause() == null
                && gang.workers().stream().anyMatch(worker -> worker.endCause() == EndCause.RELEASED);
    }

    private static String stopCause(GangState gang) {
        if (gang.stopCause() != null) {
            return gang.stopCause().name();
        }
        return releasedByAgent(gang) ? "AGENT_STOPPED" : "REPLICA_COMPLETED";
    }

    private long backoff(int failures) {
        int doublings = Math.min(failures - 1, 20);
        return Math.min(settings.times().backoffMostMicros(), settings.times().backoffBaseMicros() << doublings);
    }

    private void fail(GangState gang, ReasonCode code, int failures, FailurePolicy policy, WorkerState culprit) {
        Reason reason = ended(code, culprit, failures);
        if (code == ReasonCode.BACKOFF_LIMIT_EXCEEDED) {
            reason = with(reason, "limit", Integer.toString(policy.backoffLimit()));
        }
        page.add(Actor.SCHEDULER, new JobEvent.GangEnded(gang.job().id(), gang.index(), reason));
        cancel(Actor.SCHEDULER, gang.job(), reason, StopCause.WORKER_FAILED);
        endJobIfAllEnded(gang.job());
    }

    private static Reason ended(ReasonCode code, WorkerState culprit, int failures) {
        return new Reason(
                code,
                Map.of(
                        "failures", Integer.toString(failures),
                        "worker", Integer.toString(culprit.index()),
                        "cause", String.valueOf(culprit.endCause()),
                        "exitCode", Integer.toString(culprit.exitCode())));
    }

    private static Reason with(Reason reason, String name, String value) {
        Map<String, String> parameters = new TreeMap<>(reason.parameters());
        parameters.put(name, value);
        return new Reason(reason.code(), parameters);
    }

    private void end(GangState gang, Reason reason) {
        page.add(Actor.SCHEDULER, new JobEvent.GangEnded(gang.job().id(), gang.index(), reason));
        endJobIfAllEnded(gang.job());
    }

    private void endJobIfAllEnded(JobState job) {
        if (job.ended() || job.gangs().stream().anyMatch(gang -> gang.phase() != GangPhase.ENDED)) {
            return;
        }
        Reason reason = job.cancelRequested() ? job.reason() : Reason.of(ReasonCode.COMPLETED);
        JobPhase phase = switch (reason.code()) {
            case COMPLETED -> JobPhase.SUCCEEDED;
            case CANCELLED -> JobPhase.CANCELLED;
            default -> JobPhase.FAILED;
        };
        page.add(Actor.SCHEDULER, new JobEvent.JobEnded(job.id(), phase, reason));
    }
}
