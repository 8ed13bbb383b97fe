package dev.interposer.control.core;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.FieldError;
import dev.interposer.control.command.JobSize;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.validate.JobCheck;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.Requests;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives a live job another size.
 *
 * <p><b>Goals.</b> Fewer replicas cost as little service as can be; more of them start by the rules of any other work.
 *
 * <p><b>Constraints.</b> Size alone changes: replicas of an inference job, workers of a role of a training job, and
 * these only before its first start or where it is elastic. A gang that has left keeps its index and its count of
 * attempts, for no agent starts an attempt twice.
 *
 * <p><b>Algorithm.</b> Those leave that wait, then those that are being stopped, then what was placed last. Those that
 * left come back before new ones are made. A training gang with a number of workers that the new bounds leave out is
 * asked to stop, with its grace, and starts again within them.
 */
final class JobScaling {
    /** Who leaves first. */
    private static final Comparator<GangState> LEAVES_FIRST = Comparator.comparingInt(JobScaling::servesNow)
            .thenComparing(Comparator.comparingLong(GangState::assignedAtMicros).reversed())
            .thenComparing(Comparator.comparingInt(GangState::index).reversed());

    private final State state;
    private final PageDraft page;
    private final ControlSettings settings;
    private final SpecShelf shelf;
    private final IntSupplier waitingGangs;

    JobScaling(State state, PageDraft page, ControlSettings settings, SpecShelf shelf, IntSupplier waitingGangs) {
        this.state = state;
        this.page = page;
        this.settings = settings;
        this.shelf = shelf;
        this.waitingGangs = waitingGangs;
    }

    Outcome scale(Command.ScaleJob scale, GangLifecycle gangs) {
        List<FieldError> bad = JobCheck.names(scale.requestId(), "default", "any");
        if (!bad.isEmpty()) {
            return new Outcome.Rejected(Rejection.of(ErrorCode.INVALID, bad));
        }
        JobState job = scale.jobId() == 0
                ? state.jobs().find(scale.fullName())
                : state.jobs().find(scale.jobId());
        if (job == null) {
            String what = scale.jobId() == 0 ? scale.fullName() : "with id " + scale.jobId();
            return new Outcome.Rejected(Rejection.of(ErrorCode.NOT_FOUND, "there is no job " + what));
        }
        Requests.Remembered remembered = state.jobs().requests().find(scale.requestId());
        if (remembered != null) {
            return repeated(scale, job, remembered);
        }
        Rejection unfit = unfit(scale.size(), job);
        if (unfit != null) {
            return new Outcome.Rejected(unfit);
        }
        JobSpec wanted = resized(scale.size(), job.spec());
        Rejection refused = refuses(job, wanted);
        return refused == null ? accept(scale, job, wanted, gangs) : new Outcome.Rejected(refused);
    }

    private static Outcome repeated(Command.ScaleJob scale, JobState job, Requests.Remembered remembered) {
        boolean ownSubmission = job.requestId().equals(remembered.requestId());
        if (remembered.jobId() == job.id() && !ownSubmission) {
            return new Outcome.Accepted(job.revision(), job.id(), true);
        }
        String by = ownSubmission ? "was used to submit the job" : "was used for another job";
        return new Outcome.Rejected(Rejection.of(
                ErrorCode.ALREADY_EXISTS,
                "requestId",
                scale.requestId(),
                by + ". Maybe make a new one for each request?"));
    }

    /** What keeps a job from such a size, whatever the numbers. */
    private static @Nullable Rejection unfit(JobSize size, JobState job) {
        JobSpec spec = job.spec();
        if (job.ended() || job.cancelRequested()) {
            return Rejection.of(
                    ErrorCode.CONFLICT,
                    "job " + job.fullName() + " is " + job.phase() + " and takes no other size. Maybe submit it anew?");
        }
        return switch (size) {
            case JobSize.Replicas replicas ->
                spec.inference() == null
                        ? invalid("replicas", replicas.replicas(), "a training job has none. Maybe change its workers?")
                        : null;
            case JobSize.Workers workers ->
                spec.inference() == null
                        ? unknown(workers, spec)
                        : invalid(
                                "workers",
                                workers.min() + ".." + workers.max(),
                                "those of a replica are fixed. Maybe change the number of replicas?");
            case JobSize.Of other ->
                spec.sizedAs(other.spec()).equals(other.spec())
                        ? null
                        : Rejection.of(
                                ErrorCode.ALREADY_EXISTS,
                                "metadata.name",
                                job.name(),
                                "a job of this name lives and differs in more than its size. Maybe another name, or"
                                        + " cancel that one first?");
        };
    }

    private static @Nullable Rejection unknown(JobSize.Workers workers, JobSpec spec) {
        Profile profile = profile(workers, spec);
        if (profile == null) {
            List<String> names = spec.profiles().stream().map(Profile::name).toList();
            return invalid("profileName", workers.profileName(), "must be one of " + names);
        }
        if (role(workers, profile) == null) {
            List<String> names = profile.roles().stream().map(Role::name).toList();
            return invalid("roleName", workers.roleName(), "must be one of " + names);
        }
        return null;
    }

    private static @Nullable Profile profile(JobSize.Workers workers, JobSpec spec) {
        return workers.profileName().isEmpty() && spec.profiles().size() == 1
                ? spec.profiles().getFirst()
                : spec.profiles().stream()
                        .filter(profile -> profile.name().equals(workers.profileName()))
                        .findFirst()
                        .orElse(null);
    }

    private static @Nullable Role role(JobSize.Workers workers, Profile profile) {
        return workers.roleName().isEmpty() && profile.roles().size() == 1
                ? profile.roles().getFirst()
                : profile.roles().stream()
                        .filter(role -> role.name().equals(workers.roleName()))
                        .findFirst()
                        .orElse(null);
    }

    private static Rejection invalid(String path, Object value, String message) {
        return Rejection.of(ErrorCode.INVALID, path, String.valueOf(value), message);
    }

    /** Of a size that fits. */
    private static JobSpec resized(JobSize size, JobSpec spec) {
        return switch (size) {
            case JobSize.Replicas replicas ->
                spec.resized(
                        spec.profiles(),
                        Objects.requireNonNull(spec.inference()).withReplicas(replicas.replicas()));
            case JobSize.Workers workers -> {
                Profile profile = Objects.requireNonNull(profile(workers, spec));
                Role role = Objects.requireNonNull(role(workers, profile));
                Role other = role.withWorkers(new WorkerCount(
                        workers.min(), workers.max(), role.workers().step()));
                List<Role> roles = replaced(profile.roles(), role, other);
                yield spec.resized(replaced(spec.profiles(), profile, profile.withRoles(roles)), null);
            }
            case JobSize.Of other -> other.spec();
        };
    }

    private static <T> List<T> replaced(List<T> all, T one, T other) {
        List<T> result = new ArrayList<>(all);
        result.set(result.indexOf(one), other);
        return result;
    }

    private @Nullable Rejection refuses(JobState job, JobSpec wanted) {
        int more = wanted.gangs() - job.wantedGangs();
        Rejection bad = JobCheck.resized(wanted, state.settings(), more > 0);
        if (bad != null || wanted.equals(job.spec())) {
            return bad;
        }
        if (wanted.training() != null && keepsItsSize(job.gangs().getFirst())) {
            return Rejection.of(
                    ErrorCode.CONFLICT,
                    "job " + job.fullName() + " is not elastic (resize.policy NEVER) and has started, so it keeps its"
                            + " size. Maybe cancel it and submit another?");
        }
        if (more > 0 && waitingGangs.getAsInt() + more > settings.bounds().mostWaitingGangs()) {
            return Rejection.of(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    settings.bounds().mostWaitingGangs() + " gangs wait already; try again later");
        }
        return shelf.refuses(wanted);
    }

    private static boolean keepsItsSize(GangState gang) {
        TrainingSpec training = gang.job().spec().training();
        boolean elastic = training != null && training.resizePolicy() != TrainingSpec.ResizePolicy.NEVER;
        return !elastic && (gang.firstStartedAtMicros() > 0 || gang.phase().holdsDevices());
    }

    /** Also where nothing changes: the request is remembered by its event. */
    private Outcome accept(Command.ScaleJob scale, JobState job, JobSpec wanted, GangLifecycle gangs) {
        long specId = wanted.equals(job.spec()) ? 0 : shelf.store(scale.actor(), wanted);
        List<GangState> serving =
                job.gangs().stream().filter(gang -> !gang.leaving()).toList();
        Ids joining = joining(job, wanted.gangs() - serving.size());
        Ids leaving = Ids.of(serving.stream()
                .sorted(LEAVES_FIRST)
                .limit(Math.max(0, serving.size() - wanted.gangs()))
                .mapToLong(GangState::index)
                .sorted()
                .toArray());
        page.add(scale.actor(), new JobEvent.JobScaled(job.id(), specId, scale.requestId(), joining, leaving));
        for (GangState gang : job.gangs()) {
            if (leaving.contains(gang.index())) {
                gangs.stop(scale.actor(), gang, StopCause.SCALED_DOWN);
            } else if (gang.phase().holdsDevices() && !admits(gang)) {
                gangs.stop(scale.actor(), gang, StopCause.RESIZED);
            }
        }
        return new Outcome.Accepted(job.revision(), job.id(), false);
    }

    /** First those that ended, for they can start at once; then those that are still being stopped; then new ones. */
    private static Ids joining(JobState job, int more) {
        long[] back = job.gangs().stream()
                .filter(GangState::leaving)
                .sorted(Comparator.comparing((GangState gang) -> gang.phase() != GangPhase.ENDED)
                        .thenComparingInt(GangState::index))
                .limit(Math.max(0, more))
                .mapToLong(GangState::index)
                .sorted()
                .toArray();
        int known = job.gangs().size();
        return Ids.of(Math.max(0, more), at -> at < back.length ? back[at] : (long) known + at - back.length);
    }

    private static int servesNow(GangState gang) {
        return switch (gang.phase()) {
            case WAITING, BACKOFF -> 0;
            case STOPPING, ENDED -> 1;
            case ASSIGNED, RUNNING -> 2;
        };
    }

    /** Whether its spec lets a gang have the workers that it has. */
    private static boolean admits(GangState gang) {
        List<Role> roles = gang.profile().roles();
        int[] counts = new int[roles.size()];
        for (WorkerState worker : gang.workers()) {
            counts[worker.placement().role()]++;
        }
        for (int role = 0; role < counts.length; role++) {
            if (!roles.get(role).workers().admits(counts[role])) {
                return false;
            }
        }
        return true;
    }
}
