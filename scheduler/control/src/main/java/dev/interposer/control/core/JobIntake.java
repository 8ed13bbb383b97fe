package dev.interposer.control.core;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.FieldError;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.port.SpecDigest;
import dev.interposer.control.validate.JobCheck;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.Requests;
import dev.interposer.engine.state.Specs;
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
    private final SpecDigest digest;
    private final SpecMemo memo = new SpecMemo();
    private final IntSupplier waitingGangs;

    JobIntake(State state, PageDraft page, ControlSettings settings, SpecDigest digest, IntSupplier waitingGangs) {
        this.state = state;
        this.page = page;
        this.settings = settings;
        this.digest = digest;
        this.waitingGangs = waitingGangs;
        Footprints.countIn(state);
    }

    Outcome submit(Command.SubmitJob submit) {
        List<FieldError> names = JobCheck.names(submit.requestId(), submit.namespace(), submit.name());
        if (!names.isEmpty()) {
            return new Outcome.Rejected(Rejection.of(ErrorCode.INVALID, names));
        }
        Requests.Remembered remembered = state.jobs().requests().find(submit.requestId());
        if (remembered != null) {
            return repeated(submit, remembered);
        }
        memo.follow(page.settingsChanges());
        Rejection bad = memo.sha256(submit.spec()) == null
                ? JobCheck.check(submit.spec(), state.settings(), settings.priorities())
                : null;
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
        if (waitingGangs.getAsInt() + submit.spec().gangs() > settings.mostWaitingGangs()) {
            return new Outcome.Rejected(Rejection.of(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    settings.mostWaitingGangs() + " gangs wait already; try again later"));
        }
        String sha256 = sha256(submit.spec());
        Long known = state.jobs().specs().find(sha256);
        // What is stored already fits; only a new spec is measured.
        Rejection large = known == null ? SpecSize.check(submit.spec()) : null;
        if (large != null) {
            return new Outcome.Rejected(large);
        }
        Rejection full = known == null ? noRoomFor(submit.spec()) : null;
        return full == null ? accept(submit, sha256, known) : new Outcome.Rejected(full);
    }

    /** Jobs that share a spec keep it once; what differs from all others fills the heap long before gangs do. */
    private @Nullable Rejection noRoomFor(JobSpec spec) {
        long stored = state.jobs().specs().bytes();
        if (stored + Footprints.of(spec) <= settings.mostSpecBytes()) {
            return null;
        }
        return Rejection.of(
                ErrorCode.RESOURCE_EXHAUSTED,
                "different specs take " + stored + " of " + settings.mostSpecBytes()
                        + " bytes already; try again later. Maybe let jobs share one spec, or a larger heap?");
    }

    /** Of a spec that was checked. */
    private String sha256(JobSpec spec) {
        String known = memo.sha256(spec);
        if (known != null) {
            return known;
        }
        String sha256 = digest.sha256(spec);
        memo.sound(spec, sha256);
        return sha256;
    }

    private Outcome accept(Command.SubmitJob submit, String sha256, @Nullable Long known) {
        long specId = known == null ? state.settings().nextId() : known;
        if (known == null) {
            page.add(submit.actor(), new JobEvent.SpecStored(specId, sha256, submit.spec()));
        }
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

    private boolean same(Command.SubmitJob submit, JobState job) {
        Specs.Stored stored = state.jobs().specs().stored(job.specId());
        return job.namespace().equals(submit.namespace())
                && job.name().equals(submit.name())
                && stored != null
                && stored.sha256().equals(digest.sha256(submit.spec()));
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
