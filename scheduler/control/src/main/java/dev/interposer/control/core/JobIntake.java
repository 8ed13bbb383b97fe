package dev.interposer.control.core;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.FieldError;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.port.SpecDigest;
import dev.interposer.control.validate.JobCheck;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.ActorKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.Requests;
import dev.interposer.engine.state.State;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Jobs come and are cancelled. A request id that is remembered makes no second job: its answer names the first one, at
 * the revision where that one is by now.
 */
final class JobIntake {
    private final State state;
    private final PageDraft page;
    private final ControlSettings settings;
    private final SpecShelf shelf;
    private final JobScaling scaling;
    private final IntSupplier waitingGangs;

    JobIntake(State state, PageDraft page, ControlSettings settings, SpecDigest digest, IntSupplier waitingGangs) {
        this.state = state;
        this.page = page;
        this.settings = settings;
        this.waitingGangs = waitingGangs;
        this.shelf = new SpecShelf(state, page, settings.bounds().mostSpecBytes(), digest);
        this.scaling = new JobScaling(state, page, settings, shelf, waitingGangs);
        Footprints.countIn(state);
    }

    Outcome submit(Command.SubmitJob submit) {
        List<FieldError> names = JobCheck.names(submit.requestId(), submit.namespace(), submit.name());
        if (!names.isEmpty()) {
            return new Outcome.Rejected(Rejection.of(ErrorCode.INVALID, names));
        }
        String uid = submit.spec().labels().get(JobSpec.OBJECT_UID);
        if (uid != null && submit.actor().kind() != ActorKind.KUBERNETES) {
            return new Outcome.Rejected(Rejection.of(
                    ErrorCode.INVALID,
                    "metadata.labels." + JobSpec.OBJECT_UID,
                    uid,
                    "is set by the scheduler alone, on jobs that have an object in Kubernetes"));
        }
        Requests.Remembered remembered = state.jobs().requests().find(submit.requestId());
        if (remembered != null) {
            return repeated(submit, remembered);
        }
        Rejection bad = shelf.isSound(submit.spec())
                ? null
                : JobCheck.check(submit.spec(), state.settings(), settings.priorities());
        if (bad != null) {
            return new Outcome.Rejected(bad);
        }
        JobState namesake = state.jobs().find(submit.namespace() + "/" + submit.name());
        if (namesake != null && !namesake.ended()) {
            return new Outcome.Rejected(Rejection.of(
                    ErrorCode.ALREADY_EXISTS,
                    "metadata.name",
                    submit.name(),
                    "a job of this name is " + namesake.phase() + ". Maybe another name, or cancel that one first?"));
        }
        if (waitingGangs.getAsInt() + submit.spec().gangs() > settings.bounds().mostWaitingGangs()) {
            return new Outcome.Rejected(Rejection.of(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    settings.bounds().mostWaitingGangs() + " gangs wait already; try again later"));
        }
        Rejection noPlace = shelf.refuses(submit.spec());
        return noPlace == null ? accept(submit) : new Outcome.Rejected(noPlace);
    }

    private Outcome accept(Command.SubmitJob submit) {
        long specId = shelf.store(submit.actor(), submit.spec());
        long jobId = state.settings().nextId();
        int priority = settings.priorities().getOrDefault(submit.spec().priorityClassName(), 0);
        long revision = page.add(
                submit.actor(),
                new JobEvent.JobSubmitted(
                        jobId,
                        submit.namespace(),
                        submit.name(),
                        specId,
                        priority,
                        submit.requestId(),
                        submit.actor().name()));
        return new Outcome.Accepted(revision, jobId, false);
    }

    private Outcome repeated(Command.SubmitJob submit, Requests.Remembered remembered) {
        JobState job = state.jobs().find(remembered.jobId());
        if (job == null || same(submit, job)) {
            return new Outcome.Accepted(job == null ? state.revision() : job.revision(), remembered.jobId(), true);
        }
        return new Outcome.Rejected(Rejection.of(
                ErrorCode.ALREADY_EXISTS,
                "requestId",
                submit.requestId(),
                "was used for another job, " + job.fullName() + ". Maybe make a new one for each job?"));
    }

    private static boolean same(Command.SubmitJob submit, JobState job) {
        return job.namespace().equals(submit.namespace())
                && job.name().equals(submit.name())
                && (job.scaled() ? job.spec().sizedAs(submit.spec()) : job.spec()).equals(submit.spec());
    }

    Outcome scale(Command.ScaleJob scale, GangLifecycle gangs) {
        return scaling.scale(scale, gangs);
    }

    Outcome cancel(Command.CancelJob cancel, GangLifecycle gangs) {
        JobState job = find(cancel);
        if (job == null) {
            String what = cancel.jobId() == 0 ? cancel.fullName() : "with id " + cancel.jobId();
            return new Outcome.Rejected(Rejection.of(ErrorCode.NOT_FOUND, "there is no job " + what));
        }
        boolean before = job.ended() || job.cancelRequested();
        Reason reason =
                new Reason(ReasonCode.CANCELLED, Map.of("actor", cancel.actor().name()));
        gangs.cancel(cancel.actor(), job, reason, StopCause.CANCELLED);
        return new Outcome.Accepted(job.revision(), job.id(), before);
    }

    private @Nullable JobState find(Command.CancelJob cancel) {
        return cancel.jobId() == 0
                ? state.jobs().find(cancel.fullName())
                : state.jobs().find(cancel.jobId());
    }
}
