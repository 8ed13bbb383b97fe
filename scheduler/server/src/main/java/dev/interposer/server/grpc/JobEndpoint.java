package dev.interposer.server.grpc;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.JobSize;
import dev.interposer.control.command.Outcome;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.state.JobState;
import dev.interposer.proto.job.v1.CancelRequest;
import dev.interposer.proto.job.v1.CancelResponse;
import dev.interposer.proto.job.v1.DryRunRequest;
import dev.interposer.proto.job.v1.DryRunResponse;
import dev.interposer.proto.job.v1.ExplainRequest;
import dev.interposer.proto.job.v1.ExplainResponse;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.HistoryRequest;
import dev.interposer.proto.job.v1.HistoryResponse;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.JobServiceGrpc;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.proto.job.v1.ListResponse;
import dev.interposer.proto.job.v1.LogsRequest;
import dev.interposer.proto.job.v1.LogsResponse;
import dev.interposer.proto.job.v1.ScaleRequest;
import dev.interposer.proto.job.v1.ScaleResponse;
import dev.interposer.proto.job.v1.SubmitBatchRequest;
import dev.interposer.proto.job.v1.SubmitBatchResponse;
import dev.interposer.proto.job.v1.SubmitRequest;
import dev.interposer.proto.job.v1.SubmitResponse;
import dev.interposer.proto.job.v1.SubmitResult;
import dev.interposer.proto.job.v1.WatchRequest;
import dev.interposer.proto.job.v1.WorkerBounds;
import dev.interposer.server.loop.SchedulerLoop;
import dev.interposer.server.security.AccessRules;
import dev.interposer.server.security.Caller;
import dev.interposer.server.view.ChangedJob;
import dev.interposer.server.view.LiveView;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletableFuture;

/** job.v1. */
@Singleton
public final class JobEndpoint extends JobServiceGrpc.JobServiceImplBase {
    private static final int MOST_BATCH = 1000;

    private final SchedulerLoop loop;
    private final LiveView view;
    private final Reads reads;
    private final LogCalls logs;
    private final Submissions submissions;

    public JobEndpoint(SchedulerLoop loop, LiveView view, Reads reads, LogCalls logs, Submissions submissions) {
        this.loop = loop;
        this.view = view;
        this.reads = reads;
        this.logs = logs;
        this.submissions = submissions;
    }

    @Override
    public void submit(SubmitRequest request, StreamObserver<SubmitResponse> out) {
        Calls.answer(out, () -> Submissions.response(Calls.accepted(submissions.submit(Calls.caller(), request))));
    }

    @Override
    public void submitBatch(SubmitBatchRequest request, StreamObserver<SubmitBatchResponse> out) {
        if (request.getRequestsCount() > MOST_BATCH) {
            out.onError(Errors.invalid(
                    "requests", Integer.toString(request.getRequestsCount()), "are more than " + MOST_BATCH));
            return;
        }
        Caller caller = Calls.caller();
        SubmitBatch batch =
                new SubmitBatch(request.getRequestsCount(), (ServerCallStreamObserver<SubmitBatchResponse>) out);
        for (int index = 0; index < request.getRequestsCount(); index++) {
            int place = index;
            submissions.result(caller, request.getRequests(index), result -> batch.answer(place, result));
        }
    }

    @Override
    public StreamObserver<SubmitRequest> submitStream(StreamObserver<SubmitResult> out) {
        Caller caller = Calls.caller();
        return new SubmitStream(
                request -> {
                    CompletableFuture<SubmitResult> future = new CompletableFuture<>();
                    submissions.result(caller, request, future::complete);
                    return future;
                },
                (ServerCallStreamObserver<SubmitResult>) out);
    }

    @Override
    public void get(GetRequest request, StreamObserver<Job> out) {
        Calls.answer(out, () -> {
            Calls.awaitRevision(view, request.getMinRevision());
            return reads.job(request.getJob());
        });
    }

    @Override
    public void list(ListRequest request, StreamObserver<ListResponse> out) {
        Calls.answer(out, () -> reads.jobs(request));
    }

    /** Served by {@link EncodedWatch}. */
    void watchEncoded(WatchRequest request, StreamObserver<ChangedJob> out) {
        try {
            new WatchCall(view, request, (ServerCallStreamObserver<ChangedJob>) out).run();
        } catch (RefusedException e) {
            out.onError(e);
        }
    }

    @Override
    public void cancel(CancelRequest request, StreamObserver<CancelResponse> out) {
        Calls.answer(out, () -> {
            JobReference job = request.getJob();
            require(AccessRules.Deed.CANCEL, job);
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
    public void scale(ScaleRequest request, StreamObserver<ScaleResponse> out) {
        Calls.answer(out, () -> {
            JobReference job = request.getJob();
            require(AccessRules.Deed.SCALE, job);
            Outcome.Accepted accepted = Calls.accepted(loop.submit(new Command.ScaleJob(
                    Calls.actor(),
                    request.getRequestId(),
                    job.getNamespace() + "/" + job.getName(),
                    job.getId(),
                    size(request))));
            return ScaleResponse.newBuilder()
                    .setRevision(accepted.revision())
                    .setRepeatedRequest(accepted.repeated())
                    .build();
        });
    }

    private static JobSize size(ScaleRequest request) {
        return switch (request.getSizeCase()) {
            case REPLICAS -> new JobSize.Replicas(request.getReplicas());
            case WORKERS -> {
                WorkerBounds bounds = request.getWorkers();
                yield new JobSize.Workers(
                        bounds.getProfileName(), bounds.getRoleName(), bounds.getMin(), bounds.getMax());
            }
            case SIZE_NOT_SET -> throw Errors.invalid("size", "", "is missing. Maybe replicas, or workers?");
        };
    }

    @Override
    public void explain(ExplainRequest request, StreamObserver<ExplainResponse> out) {
        Calls.answer(out, () -> reads.explain(request));
    }

    @Override
    public void dryRun(DryRunRequest request, StreamObserver<DryRunResponse> out) {
        Calls.answer(out, () -> submissions.dryRun(Calls.caller(), request));
    }

    @Override
    public void history(HistoryRequest request, StreamObserver<HistoryResponse> out) {
        Calls.answer(out, () -> reads.history(request));
    }

    @Override
    public void logs(LogsRequest request, StreamObserver<LogsResponse> out) {
        logs.run(request, (ServerCallStreamObserver<LogsResponse>) out);
    }

    /** Throws if the caller may not do that to the job. Of one that is not there the loop says so. */
    private void require(AccessRules.Deed deed, JobReference job) {
        Found found = view.read(state -> {
            JobState there = job.getId() == 0
                    ? state.jobs().find(job.getNamespace() + "/" + job.getName())
                    : state.jobs().find(job.getId());
            return there == null ? null : new Found(there.spec().kind(), there.namespace());
        });
        if (found != null) {
            submissions.require(Calls.caller(), deed, found.kind(), found.namespace());
        }
    }

    private record Found(JobKind kind, String namespace) {}
}
