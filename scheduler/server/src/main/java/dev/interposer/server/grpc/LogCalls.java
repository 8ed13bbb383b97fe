package dev.interposer.server.grpc;

import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import dev.interposer.proto.job.v1.LogsRequest;
import dev.interposer.proto.job.v1.LogsResponse;
import dev.interposer.server.agents.AgentHub;
import dev.interposer.server.view.LiveView;
import dev.interposer.server.view.Names;
import dev.interposer.server.view.PastAttempts;
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
                call.run(view.read((state, past) -> target(state, past, request)));
            } catch (StatusRuntimeException e) {
                out.onError(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static LogCall.Target target(State state, PastAttempts past, LogsRequest request) {
        JobState job = Reads.require(state, request.getJob());
        if (request.getGang() < 0 || request.getGang() >= job.gangs().size()) {
            throw Errors.invalid(
                    "gang", "" + request.getGang(), "the job has " + job.gangs().size());
        }
        GangState gang = job.gangs().get(request.getGang());
        int attempt = request.getAttempt() > 0 ? request.getAttempt() : gang.attempt() + request.getAttempt();
        Ids nodes = nodes(gang, attempt, past);
        if (request.getWorker() < 0 || request.getWorker() >= nodes.size()) {
            throw Errors.invalid("worker", "" + request.getWorker(), "the gang has " + nodes.size());
        }
        NodeState node = state.nodes().find(nodes.get(request.getWorker()));
        if (node == null) {
            throw Errors.notFound("node of that worker any more");
        }
        return new LogCall.Target(new WorkerKey(job.id(), gang.index(), attempt, request.getWorker()), node.name());
    }

    /** By rank. */
    private static Ids nodes(GangState gang, int attempt, PastAttempts past) {
        if (attempt == gang.attempt() && !gang.workers().isEmpty()) {
            return Ids.of(gang.workers().stream().mapToLong(WorkerState::nodeId).toArray());
        }
        PastAttempts.Attempt over = past.find(gang.job().id(), gang.index(), attempt);
        if (over != null) {
            return over.nodes();
        }
        if (gang.attempt() == 0) {
            throw Status.FAILED_PRECONDITION
                    .withDescription(
                            "gang " + gang.index() + " of job " + gang.job().fullName() + " is "
                                    + Names.camel(gang.phase())
                                    + " and has no workers. Maybe wait until it runs?")
                    .asRuntimeException();
        }
        throw Status.NOT_FOUND
                .withDescription("where attempt " + attempt + " of gang " + gang.index()
                        + " ran is not known; its last is "
                        + gang.attempt() + ", and a server knows the four before of what was over since it follows"
                        + " the ledger. Maybe look for its folder on the nodes?")
                .asRuntimeException();
    }
}
