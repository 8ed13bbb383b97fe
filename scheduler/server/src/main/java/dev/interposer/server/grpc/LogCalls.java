package dev.interposer.server.grpc;

import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.proto.agent.v1.LogChunk;
import dev.interposer.proto.job.v1.LogsRequest;
import dev.interposer.proto.job.v1.LogsResponse;
import dev.interposer.server.agents.AgentHub;
import dev.interposer.server.agents.AgentSession;
import dev.interposer.server.view.LiveView;
import dev.interposer.server.view.Names;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import jakarta.inject.Singleton;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Passes a log on from the agent that has it, no faster than the client takes it. */
@Singleton
public final class LogCalls {
    private static final int MOST_CHUNKS = 256;

    private final LiveView view;
    private final AgentHub hub;

    public LogCalls(LiveView view, AgentHub hub) {
        this.view = view;
        this.hub = hub;
    }

    /** Which worker, and on which node. */
    private record Target(WorkerKey key, String node) {}

    void run(LogsRequest request, ServerCallStreamObserver<LogsResponse> out) {
        Thread.ofVirtual().name("logs").start(() -> {
            try {
                Target target = view.read(state -> target(state, request));
                AgentSession session = hub.session(target.node());
                if (session == null) {
                    throw Status.UNAVAILABLE
                            .withDescription("the agent of node " + target.node() + " is not connected")
                            .asRuntimeException();
                }
                relay(session, target, request, out);
            } catch (StatusRuntimeException e) {
                out.onError(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static void relay(
            AgentSession session, Target target, LogsRequest request, ServerCallStreamObserver<LogsResponse> out)
            throws InterruptedException {
        LinkedBlockingQueue<LogChunk> chunks = new LinkedBlockingQueue<>(MOST_CHUNKS);
        boolean[] overrun = new boolean[1];
        long id = session.requestLog(
                target.key(), request.getTailLines(), request.getFollow(), chunk -> overrun[0] |= !chunks.offer(chunk));
        try {
            while (!out.isCancelled()) {
                if (overrun[0]) {
                    throw Status.RESOURCE_EXHAUSTED
                            .withDescription("the log grows faster than it is taken")
                            .asRuntimeException();
                }
                LogChunk chunk = chunks.poll(500, TimeUnit.MILLISECONDS);
                if (chunk == null) {
                    continue;
                }
                if (!chunk.getError().isEmpty()) {
                    throw Status.NOT_FOUND.withDescription(chunk.getError()).asRuntimeException();
                }
                if (!chunk.getData().isEmpty()) {
                    out.onNext(
                            LogsResponse.newBuilder().setData(chunk.getData()).build());
                }
                if (chunk.getEnd()) {
                    out.onCompleted();
                    return;
                }
            }
        } finally {
            session.cancelLog(id);
        }
    }

    private static Target target(State state, LogsRequest request) {
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
        return new Target(gang.workers().get(request.getWorker()).key(), node.name());
    }
}
