package dev.interposer.server.grpc;

import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.proto.job.v1.LogsRequest;
import dev.interposer.proto.job.v1.LogsResponse;
import dev.interposer.server.agents.AgentHub;
import dev.interposer.server.view.LiveView;
import dev.interposer.server.view.Names;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import jakarta.inject.Singleton;

/** Finds whose log is asked for, and lets a {@link LogCall} pass it on. */
@Singleton
public final class LogCalls {
    private final LiveView view;
    private final AgentHub hub;

    public LogCalls(LiveView view, AgentHub hub) {
        this.view = view;
        this.hub = hub;
    }

    void run(LogsRequest request, ServerCallStreamObserver<LogsResponse> out) {
        LogCall call = new LogCall(hub, request, out);
        Thread.ofVirtual().name("logs").start(() -> {
            try {
                call.run(view.read(state -> target(state, request)));
            } catch (StatusRuntimeException e) {
                out.onError(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static LogCall.Target target(State state, LogsRequest request) {
        JobState job = Reads.require(state, request.getJob());
        if (request.getGang() < 0 || request.getGang() >= job.gangs().size()) {
            throw Errors.invalid(
                    "gang", "" + request.getGang(), "the job has " + job.gangs().size());
        }
        GangState gang = job.gangs().get(request.getGang());
        if (gang.workers().isEmpty()) {
            throw Status.FAILED_PRECONDITION
                    .withDescription("gang " + gang.index() + " of job " + job.fullName() + " is "
                            + Names.camel(gang.phase())
                            + " and has no workers. Maybe wait until it runs?")
                    .asRuntimeException();
        }
        if (request.getWorker() < 0 || request.getWorker() >= gang.workers().size()) {
            throw Errors.invalid(
                    "worker",
                    "" + request.getWorker(),
                    "the gang has " + gang.workers().size());
        }
        NodeState node =
                state.nodes().find(gang.workers().get(request.getWorker()).nodeId());
        if (node == null) {
            throw Errors.notFound("node of that worker any more");
        }
        return new LogCall.Target(gang.workers().get(request.getWorker()).key(), node.name());
    }
}
