package dev.interposer.server.grpc;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Rejection;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.proto.job.v1.DryRunRequest;
import dev.interposer.proto.job.v1.DryRunResponse;
import dev.interposer.proto.job.v1.SubmitRequest;
import dev.interposer.proto.job.v1.SubmitResponse;
import dev.interposer.proto.job.v1.SubmitResult;
import dev.interposer.server.loop.SchedulerLoop;
import dev.interposer.server.security.AccessRules;
import dev.interposer.server.security.Caller;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** New jobs, one by one: who may bring them, and what becomes of them. */
@Singleton
public final class Submissions {
    private final SchedulerLoop loop;
    private final Forecasts forecasts;
    private final AccessRules rules;
    private final SpecCache specs = new SpecCache();

    public Submissions(SchedulerLoop loop, Forecasts forecasts, AccessRules rules) {
        this.loop = loop;
        this.forecasts = forecasts;
        this.rules = rules;
    }

    DryRunResponse dryRun(Caller caller, DryRunRequest request) {
        return forecasts.dryRun(Actor.user(caller.name(), "grpc"), request);
    }

    /** Throws if the caller may not do it. */
    void require(Caller caller, AccessRules.Deed deed, JobKind kind, String namespace) {
        Rejection refusal = rules.refusal(caller, deed, kind, namespace, "");
        if (refusal != null) {
            throw Errors.exception(refusal);
        }
    }

    CompletableFuture<Outcome> submit(Caller caller, SubmitRequest request) {
        CompletableFuture<Outcome> future = new CompletableFuture<>();
        submit(caller, request, future::complete);
        return future;
    }

    private void submit(Caller caller, SubmitRequest request, Consumer<Outcome> reply) {
        SpecCache.Mapped spec = specs.map(request.getSpec());
        JobSpec model = spec.model();
        Rejection refusal =
                rules.refusal(caller, AccessRules.Deed.SUBMIT, model.kind(), request.getNamespace(), model.queueName());
        if (refusal != null) {
            reply.accept(new Outcome.Rejected(refusal));
            return;
        }
        Command command = new Command.SubmitJob(
                Actor.user(caller.name(), "grpc"),
                request.getRequestId(),
                request.getNamespace(),
                request.getName(),
                model);
        loop.submit(command, spec.ownBytes(), reply);
    }

    /** The same as one of many. */
    void result(Caller caller, SubmitRequest request, Consumer<SubmitResult> reply) {
        SubmitResult.Builder result = SubmitResult.newBuilder().setRequestId(request.getRequestId());
        try {
            submit(
                    caller,
                    request,
                    outcome -> reply.accept(
                            switch (outcome) {
                                case Outcome.Accepted accepted ->
                                    result.setAccepted(response(accepted)).build();
                                case Outcome.Rejected rejected ->
                                    result.setRefused(Errors.refusal(rejected.rejection()))
                                            .build();
                                case Outcome.Applied applied ->
                                    throw new IllegalStateException("a job is not applied: " + applied);
                            }));
        } catch (RefusedException e) {
            reply.accept(result.setRefused(Errors.refusal(e.rejection())).build());
        }
    }

    static SubmitResponse response(Outcome.Accepted accepted) {
        return SubmitResponse.newBuilder()
                .setJobId(accepted.id())
                .setRevision(accepted.revision())
                .setRepeatedRequest(accepted.repeated())
                .build();
    }
}
