package dev.interposer.server.grpc;

import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.core.ControlSettings;
import dev.interposer.control.core.SpecSize;
import dev.interposer.control.validate.JobCheck;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.explain.Explanation;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.nearest.Image;
import dev.interposer.engine.nearest.NearestChange;
import dev.interposer.engine.nearest.NearestSearch;
import dev.interposer.engine.nearest.Rehearsal;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import dev.interposer.proto.job.v1.DryRunRequest;
import dev.interposer.proto.job.v1.DryRunResponse;
import dev.interposer.proto.job.v1.GangExplanation;
import dev.interposer.server.view.ForecastViews;
import dev.interposer.server.view.JobViews;
import dev.interposer.server.view.LiveSnapshot;
import dev.interposer.server.view.LiveView;
import io.grpc.Status;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What would be, played on copies of the durable state: nothing of it reaches the head or the ledger. One call at a
 * time, since each keeps a core busy that decisions need too.
 */
@Singleton
public final class Forecasts {
    /** Stands for the request id that a job gets when it is submitted. */
    static final String ANY_REQUEST = "00000000-0000-7000-8000-000000000000";

    private static final long MOST_WAIT_SECONDS = 10;

    private final LiveView view;
    private final Semaphore one = new Semaphore(1, true);

    public Forecasts(LiveView view) {
        this.view = view;
    }

    /** A job as it would be submitted. */
    record Wanted(String namespace, String name, JobSpec spec) {}

    /** The nearest change for a gang that waits; null if it does not, or no more. */
    dev.interposer.proto.job.v1.@Nullable NearestChange nearest(long jobId, int gang) {
        return alone(() -> {
            Image image = image(state -> waits(state, jobId, gang));
            return image == null ? null : ForecastViews.of(NearestSearch.of(image, jobId, gang), gang);
        });
    }

    /** Null if that does not hold of the state. */
    private @Nullable Image image(Predicate<State> holds) {
        try (LiveSnapshot snapshot = view.snapshotIf(holds)) {
            return snapshot == null ? null : Image.of(snapshot.entries());
        }
    }

    private static boolean waits(State state, long jobId, int gang) {
        JobState job = state.jobs().find(jobId);
        if (job == null || gang >= job.gangs().size() || job.cancelRequested()) {
            return false;
        }
        GangState asked = job.gangs().get(gang);
        return !asked.phase().holdsDevices() && !job.ended();
    }

    DryRunResponse dryRun(Actor actor, DryRunRequest request) {
        Wanted wanted = new Wanted(request.getNamespace(), request.getName(), SpecMapper.model(request.getSpec()));
        Rejection refused = view.read(state -> refusal(state, wanted));
        if (refused != null) {
            throw Errors.exception(refused);
        }
        return dryRun(actor, List.of(), List.of(wanted), request.getNearestChange())
                .getFirst();
    }

    private static @Nullable Rejection refusal(State state, Wanted wanted) {
        var names = JobCheck.names(ANY_REQUEST, wanted.namespace(), wanted.name());
        if (!names.isEmpty()) {
            return Rejection.of(ErrorCode.INVALID, names);
        }
        JobState namesake = state.jobs().find(wanted.namespace() + "/" + wanted.name());
        if (namesake != null && !namesake.ended()) {
            return Rejection.of(
                    ErrorCode.ALREADY_EXISTS,
                    "metadata.name",
                    wanted.name(),
                    "a job of this name is " + namesake.phase() + ". Maybe another name, or cancel that one first?");
        }
        Rejection unsound = JobCheck.check(wanted.spec(), state.settings(), ControlSettings.DEFAULT.priorities());
        return unsound == null ? SpecSize.check(wanted.spec()) : unsound;
    }

    /** Jobs that are submitted one after the other before anything is decided, and what becomes of each. */
    private record Play(Image image, List<Long> jobIds, List<Rehearsal> rehearsals) {}

    /** Of jobs that were checked, submitted in this order after these objects were applied. */
    List<DryRunResponse> dryRun(Actor actor, List<SettingEvent> objects, List<Wanted> wanted, boolean nearest) {
        if (wanted.isEmpty()) {
            return List.of();
        }
        Play play = alone(() -> {
            Image image = Objects.requireNonNull(image(state -> true)).after(objects);
            List<Long> jobIds = new ArrayList<>();
            for (Wanted job : wanted) {
                jobIds.add(image.nextId());
                int priority = ControlSettings.DEFAULT
                        .priorities()
                        .getOrDefault(job.spec().priorityClassName(), 0);
                image = image.with(job.namespace(), job.name(), job.spec(), priority, actor.name());
            }
            return new Play(image, jobIds, Rehearsal.of(image, jobIds));
        });
        List<DryRunResponse> responses = new ArrayList<>();
        for (int index = 0; index < wanted.size(); index++) {
            responses.add(response(play, index, wanted.get(index), nearest));
        }
        return responses;
    }

    private DryRunResponse response(Play play, int index, Wanted wanted, boolean nearest) {
        Rehearsal rehearsal = play.rehearsals().get(index);
        DryRunResponse.Builder response = DryRunResponse.newBuilder()
                .setNamespace(wanted.namespace())
                .setName(wanted.name())
                .setWaitingGangs(rehearsal.waiting().size())
                .setRevision(play.image().revision());
        rehearsal
                .started()
                .forEach(started -> response.addPlaces(ForecastViews.place(started.place(), started.gang())));
        Explanation why = rehearsal.why();
        if (why != null) {
            int gang = rehearsal.waiting().getFirst();
            GangExplanation.Builder waits = JobViews.explanation(gang, wanted.spec(), why).toBuilder();
            if (nearest) {
                long jobId = play.jobIds().get(index);
                // One at a time here too, so that others come in between.
                NearestChange change = alone(() -> NearestSearch.of(play.image(), jobId, gang));
                waits.setNearestChange(ForecastViews.of(change, gang));
            }
            response.setWaits(waits);
        }
        return response.build();
    }

    private <T extends @Nullable Object> T alone(Supplier<T> call) {
        try {
            if (!one.tryAcquire(MOST_WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw Errors.exception(Rejection.of(
                        ErrorCode.RESOURCE_EXHAUSTED, "others ask what would be at the moment; try again later"));
            }
            FutureTask<T> task = new FutureTask<>(() -> {
                try {
                    return call.get();
                } finally {
                    one.release();
                }
            });
            // The threads of calls share few carriers, which must not be kept for seconds.
            Thread.ofPlatform().name("forecast").daemon().start(task);
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Status.CANCELLED.asRuntimeException();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }
}
