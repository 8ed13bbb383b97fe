package dev.interposer.server.grpc;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.Outcome;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.state.JobState;
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
import dev.interposer.server.view.LiveView;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** job.v1. */
@Singleton
public final class JobEndpoint extends JobServiceGrpc.JobServiceImplBase {
    private static final int MOST_BATCH = 1000;

    private final SchedulerLoop loop;
    private final LiveView view;
    private final Reads reads;
    private final LogCalls logs;

    public JobEndpoint(SchedulerLoop loop, LiveView view, Reads reads, LogCalls logs) {
        this.loop = loop;
        this.view = view;
        this.reads = reads;
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
            return reads.job(request.getJob());
        });
    }

    @Override
    public void list(ListRequest request, StreamObserver<ListResponse> out) {
        Calls.answer(out, () -> reads.jobs(request));
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
        Calls.answer(out, () -> reads.explain(request));
    }

    @Override
    public void logs(LogsRequest request, StreamObserver<LogsResponse> out) {
        logs.run(request, (ServerCallStreamObserver<LogsResponse>) out);
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
        } catch (RefusedException e) {
            return CompletableFuture.completedFuture(
                    result.setRefused(Errors.refusal(e.rejection())).build());
        }
    }

    private static SubmitResponse response(Outcome.Accepted accepted) {
        return SubmitResponse.newBuilder()
                .setJobId(accepted.id())
                .setRevision(accepted.revision())
                .setRepeatedRequest(accepted.repeated())
                .build();
    }
}
