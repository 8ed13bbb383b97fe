package dev.interposer.server.grpc;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.core.Controller;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import dev.interposer.proto.job.v1.CancelRequest;
import dev.interposer.proto.job.v1.CancelResponse;
import dev.interposer.proto.job.v1.ExplainRequest;
import dev.interposer.proto.job.v1.ExplainResponse;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.JobServiceGrpc;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.proto.job.v1.ListResponse;
import dev.interposer.proto.job.v1.LogsRequest;
import dev.interposer.proto.job.v1.LogsResponse;
import dev.interposer.proto.job.v1.SubmitBatchRequest;
import dev.interposer.proto.job.v1.SubmitBatchResponse;
import dev.interposer.proto.job.v1.SubmitRequest;
import dev.interposer.proto.job.v1.SubmitResponse;
import dev.interposer.proto.job.v1.SubmitResult;
import dev.interposer.proto.job.v1.WatchEvent;
import dev.interposer.proto.job.v1.WatchRequest;
import dev.interposer.server.loop.SchedulerLoop;
import dev.interposer.server.view.JobViews;
import dev.interposer.server.view.LiveView;
import dev.interposer.server.view.Names;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** job.v1. */
@Singleton
public final class JobEndpoint extends JobServiceGrpc.JobServiceImplBase {
    private static final int MOST_BATCH = 1000;

    private final SchedulerLoop loop;
    private final LiveView view;
    private final LogCalls logs;

    public JobEndpoint(SchedulerLoop loop, LiveView view, LogCalls logs) {
        this.loop = loop;
        this.view = view;
        this.logs = logs;
    }

    @Override
    public void submit(SubmitRequest request, StreamObserver<SubmitResponse> out) {
        Calls.answer(out, () -> response(Calls.accepted(submit(Calls.actor(), request))));
    }

    @Override
    public void submitBatch(SubmitBatchRequest request, StreamObserver<SubmitBatchResponse> out) {
        Calls.answer(out, () -> {
            if (request.getRequestsCount() > MOST_BATCH) {
                throw Errors.invalid(
                        "requests", Integer.toString(request.getRequestsCount()), "are more than " + MOST_BATCH);
            }
            Actor actor = Calls.actor();
            List<CompletableFuture<SubmitResult>> results = new ArrayList<>();
            request.getRequestsList().forEach(one -> results.add(result(actor, one)));
            SubmitBatchResponse.Builder response = SubmitBatchResponse.newBuilder();
            results.forEach(result -> response.addResults(Calls.get(result)));
            return response.build();
        });
    }

    @Override
    public StreamObserver<SubmitRequest> submitStream(StreamObserver<SubmitResult> out) {
        Actor actor = Calls.actor();
        return new SubmitStream(request -> result(actor, request), (ServerCallStreamObserver<SubmitResult>) out);
    }

    @Override
    public void get(GetRequest request, StreamObserver<Job> out) {
        Calls.answer(out, () -> {
            Calls.awaitRevision(view, request.getMinRevision());
            return view.read(state -> {
                JobState job = require(state, request.getJob());
                return JobViews.of(state, job).toBuilder()
                        .setSpec(SpecMapper.proto(job.spec()))
                        .build();
            });
        });
    }

    @Override
    public void list(ListRequest request, StreamObserver<ListResponse> out) {
        Calls.answer(out, () -> {
            int size = PageToken.size(request.getPageSize());
            long after = PageToken.read(request.getPageToken());
            Calls.awaitRevision(view, request.getMinRevision());
            return view.read(state -> page(state, request, after, size));
        });
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<WatchEvent> out) {
        new WatchCall(view, request, (ServerCallStreamObserver<WatchEvent>) out).run();
    }

    @Override
    public void cancel(CancelRequest request, StreamObserver<CancelResponse> out) {
        Calls.answer(out, () -> {
            JobReference job = request.getJob();
            Command.CancelJob command =
                    new Command.CancelJob(Calls.actor(), job.getNamespace() + "/" + job.getName(), job.getId());
            Outcome.Accepted accepted = Calls.accepted(loop.submit(command));
            boolean ended = view.read(state -> {
                JobState found = state.jobs().find(accepted.id());
                return found == null || (accepted.repeated() && found.ended());
            });
            return CancelResponse.newBuilder()
                    .setRevision(accepted.revision())
                    .setAlreadyEnded(ended)
                    .build();
        });
    }

    @Override
    public void explain(ExplainRequest request, StreamObserver<ExplainResponse> out) {
        Calls.answer(
                out,
                () -> Calls.get(loop.ask(controller -> explain(controller, request)))
                        .orElseThrow(() -> Errors.notFound("job " + name(request.getJob()))));
    }

    @Override
    public void logs(LogsRequest request, StreamObserver<LogsResponse> out) {
        logs.run(request, (ServerCallStreamObserver<LogsResponse>) out);
    }

    static @Nullable JobState find(State state, JobReference reference) {
        return reference.getId() != 0
                ? state.jobs().find(reference.getId())
                : state.jobs().find(name(reference));
    }

    static JobState require(State state, JobReference reference) {
        JobState job = find(state, reference);
        if (job == null) {
            throw Errors.notFound("job " + name(reference));
        }
        return job;
    }

    private static String name(JobReference reference) {
        return reference.getId() != 0
                ? "with id " + reference.getId()
                : reference.getNamespace() + "/" + reference.getName();
    }

    private CompletableFuture<Outcome> submit(Actor actor, SubmitRequest request) {
        return loop.submit(new Command.SubmitJob(
                actor,
                request.getRequestId(),
                request.getNamespace(),
                request.getName(),
                SpecMapper.model(request.getSpec())));
    }

    private CompletableFuture<SubmitResult> result(Actor actor, SubmitRequest request) {
        SubmitResult.Builder result = SubmitResult.newBuilder().setRequestId(request.getRequestId());
        try {
            return submit(actor, request).thenApply(outcome -> switch (outcome) {
                case Outcome.Accepted accepted ->
                    result.setAccepted(response(accepted)).build();
                case Outcome.Rejected rejected ->
                    result.setRefused(Errors.refusal(rejected.rejection())).build();
                case Outcome.Applied applied -> throw new IllegalStateException("a job is not applied: " + applied);
            });
        } catch (StatusRuntimeException e) {
            Rejection rejection =
                    Rejection.of(ErrorCode.INVALID, String.valueOf(e.getStatus().getDescription()));
            return CompletableFuture.completedFuture(
                    result.setRefused(Errors.refusal(rejection)).build());
        }
    }

    private static SubmitResponse response(Outcome.Accepted accepted) {
        return SubmitResponse.newBuilder()
                .setJobId(accepted.id())
                .setRevision(accepted.revision())
                .setRepeatedRequest(accepted.repeated())
                .build();
    }

    private static ListResponse page(State state, ListRequest request, long after, int size) {
        ListResponse.Builder response = ListResponse.newBuilder().setRevision(state.revision());
        for (JobState job : state.jobs().after(after)) {
            if (matches(job, request)) {
                if (response.getJobsCount() == size) {
                    response.setNextPageToken(
                            PageToken.after(response.getJobs(size - 1).getId()));
                    break;
                }
                response.addJobs(JobViews.of(state, job));
            }
        }
        return response.build();
    }

    private static boolean matches(JobState job, ListRequest request) {
        return (request.getNamespace().isEmpty() || request.getNamespace().equals(job.namespace()))
                && (request.getQueueName().isEmpty()
                        || request.getQueueName().equals(job.spec().queueName()))
                && (request.getPhasesCount() == 0 || request.getPhasesList().contains(Names.camel(job.phase())));
    }

    private static Optional<ExplainResponse> explain(Controller controller, ExplainRequest request) {
        State state = controller.state();
        JobState job = find(state, request.getJob());
        if (job == null) {
            return Optional.empty();
        }
        ExplainResponse.Builder response =
                ExplainResponse.newBuilder().setJob(JobViews.of(state, job)).setRevision(state.revision());
        for (GangState gang : job.gangs()) {
            boolean waits = gang.phase() == GangPhase.WAITING || gang.phase() == GangPhase.BACKOFF;
            if (waits && !job.cancelRequested()) {
                response.addGangs(JobViews.explanation(gang, controller.explain(gang)));
            }
        }
        return Optional.of(response.build());
    }
}
