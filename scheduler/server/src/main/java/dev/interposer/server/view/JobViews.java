package dev.interposer.server.view;

import dev.interposer.engine.explain.Explainer;
import dev.interposer.engine.explain.Explanation;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import dev.interposer.proto.job.v1.Gang;
import dev.interposer.proto.job.v1.GangExplanation;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.ProfileExplanation;
import dev.interposer.proto.job.v1.Worker;
import java.util.Map;

/** Jobs of a state as messages. */
public final class JobViews {
    private static final dev.interposer.proto.job.v1.Reason NOTHING = message(Reason.NONE);

    private JobViews() {}

    public static Job of(State state, JobState job, WaitingReasons waiting) {
        Job.Builder view = Job.newBuilder()
                .setId(job.id())
                .setNamespace(job.namespace())
                .setName(job.name())
                .setKind(
                        job.spec().kind() == JobKind.TRAINING
                                ? dev.interposer.proto.job.v1.JobKind.JOB_KIND_TRAINING
                                : dev.interposer.proto.job.v1.JobKind.JOB_KIND_INFERENCE)
                .setQueueName(job.spec().queueName())
                .setPriority(job.priority())
                .setPhase(Names.camel(job.phase()))
                .setReason(reason(reason(state, job, waiting)))
                .setSubmittedAtMicros(job.submittedAtMicros())
                .setStartedAtMicros(job.firstStartedAtMicros())
                .setEndedAtMicros(job.endedAtMicros())
                .setRevision(job.revision());
        for (GangState gang : job.gangs()) {
            if (!gang.leaving() || gang.phase() != GangPhase.ENDED) {
                view.addGangs(gang(state, gang, waiting));
            }
        }
        return view.build();
    }

    public static dev.interposer.proto.job.v1.Reason reason(Reason reason) {
        // Most changes are of jobs that nothing keeps from going on.
        return reason.equals(Reason.NONE) ? NOTHING : message(reason);
    }

    private static dev.interposer.proto.job.v1.Reason message(Reason reason) {
        return dev.interposer.proto.job.v1.Reason.newBuilder()
                .setCode(reason.code() == ReasonCode.NONE ? "" : reason.code().name())
                .putAllParameters(reason.parameters())
                .setText(ReasonText.of(reason))
                .build();
    }

    /** Why a gang waits, as message. */
    public static GangExplanation explanation(GangState gang, Explanation explanation) {
        return explanation(gang.index(), gang.job().spec(), explanation);
    }

    /** The same of a gang that is there on a copy only. */
    public static GangExplanation explanation(int gang, JobSpec spec, Explanation explanation) {
        GangExplanation.Builder view = GangExplanation.newBuilder()
                .setGang(gang)
                .setReason(reason(explanation.reason()))
                .setQueuePosition(explanation.queuePosition());
        for (int index = 0; index < explanation.profiles().size(); index++) {
            view.addProfiles(ProfileExplanation.newBuilder()
                    .setProfileName(spec.profiles().get(index).name())
                    .setReason(reason(explanation.profiles().get(index))));
        }
        return view.build();
    }

    /** The job's own reason, or that of the gang which keeps it where it is. */
    private static Reason reason(State state, JobState job, WaitingReasons waiting) {
        if (job.ended() || job.cancelRequested()) {
            return job.reason();
        }
        for (GangState gang : job.gangs()) {
            Reason reason = gang.leaving() ? Reason.NONE : reason(state, gang, waiting);
            if (reason.code() != ReasonCode.NONE) {
                return reason;
            }
        }
        return Reason.NONE;
    }

    private static Reason reason(State state, GangState gang, WaitingReasons waiting) {
        for (WorkerState worker : gang.workers()) {
            NodeState node = state.nodes().find(worker.nodeId());
            if (!worker.ended() && node != null && node.phase() == NodePhase.LOST) {
                return new Reason(ReasonCode.WAITING_FOR_FENCE, Map.of("node", node.name()));
            }
        }
        if (gang.phase() == GangPhase.STOPPING) {
            return new Reason(ReasonCode.STOPPING, Map.of("cause", String.valueOf(gang.stopCause())));
        }
        if (gang.phase() == GangPhase.BACKOFF) {
            return Explainer.backoff(gang);
        }
        if (gang.phase() == GangPhase.WAITING) {
            if (!state.settings().placementHalted().isEmpty()) {
                return Explainer.halted(state);
            }
            Reservation kept = gang.reservation();
            return kept == null ? waiting.of(gang) : Explainer.kept(gang, kept, state);
        }
        return gang.phase() == GangPhase.ENDED ? gang.lastReason() : Reason.NONE;
    }

    private static Gang gang(State state, GangState gang, WaitingReasons waiting) {
        Gang.Builder view = Gang.newBuilder()
                .setIndex(gang.index())
                .setPhase(Names.camel(gang.phase()))
                .setAttempt(gang.attempt())
                .setFailures(gang.failures())
                .setClassName(gang.className())
                .setReason(reason(reason(state, gang, waiting)))
                .setAssignedAtMicros(gang.assignedAtMicros())
                .setNotBeforeMicros(gang.notBeforeMicros());
        if (gang.profileIndex() >= 0) {
            view.setProfileName(gang.profile().name());
        }
        for (int at = 0; at < gang.avoidedNodes().size(); at++) {
            NodeState node = state.nodes().find(gang.avoidedNodes().get(at));
            if (node != null) {
                view.addAvoidedNodes(node.name());
            }
        }
        gang.workers().forEach(worker -> view.addWorkers(worker(state, worker)));
        return view.build();
    }

    private static Worker worker(State state, WorkerState worker) {
        Worker.Builder view = Worker.newBuilder()
                .setIndex(worker.index())
                .setRoleName(worker.role().name())
                .setPhase(Names.camel(worker.phase()))
                .setExitCode(worker.exitCode())
                .setMessage(worker.message())
                .setStartedAtMicros(worker.startedAtMicros())
                .setEndedAtMicros(worker.endedAtMicros());
        if (worker.endCause() != null) {
            view.setEndCause(Names.camel(worker.endCause()));
        }
        NodeState node = state.nodes().find(worker.nodeId());
        if (node != null) {
            view.setNode(node.name());
            worker.placement().devices().stream().forEach(id -> {
                var device = node.device(id);
                view.addDeviceNames(
                        device == null ? Long.toString(id) : device.report().name());
            });
        }
        return view.build();
    }
}
