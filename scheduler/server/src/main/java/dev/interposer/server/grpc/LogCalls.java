package dev.interposer.server.grpc;

import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.proto.agent.v1.LogChunk;
import dev.interposer.proto.agent.v1.LogRequest;
import dev.interposer.proto.job.v1.LogsRequest;
import dev.interposer.proto.job.v1.LogsResponse;
import dev.interposer.server.agents.AgentHub;
import dev.interposer.server.agents.AgentMapper;
import dev.interposer.server.agents.AgentSession;
import dev.interposer.server.view.LiveView;
import dev.interposer.server.view.Names;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import jakarta.inject.Singleton;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Passes a log on from the agent that has it, no faster than the client takes it. */
@Singleton
public final class LogCalls {
    private static final int MOST_CHUNKS = 256;

    /** An agent that is started again is back long before. */
    private static final long MOST_ABSENCE_SECONDS = 120;

    private static final long ABSENCE_POLL_MILLIS = 100;

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
                LogRequest.Builder asked = LogRequest.newBuilder()
                        .setKey(AgentMapper.key(target.key()))
                        .setTailLines(request.getTailLines())
                        .setFollow(request.getFollow());
                AgentSession session = hub.session(target.node());
                while (session != null && !relay(session, target, asked, out)) {
                    session = next(session, target.node(), out);
                }
                if (session == null && !out.isCancelled()) {
                    throw Status.UNAVAILABLE
                            .withDescription("the agent of node " + target.node() + " is not connected")
                            .asRuntimeException();
                }
            } catch (StatusRuntimeException e) {
                out.onError(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /**
     * Passes on what one stream of the agent brings; keeps in the request how far that is. False when the stream ended
     * and the next one can go on there: whoever follows need not know that an agent was started again.
     */
    private boolean relay(
            AgentSession session, Target target, LogRequest.Builder request, ServerCallStreamObserver<LogsResponse> out)
            throws InterruptedException {
        LinkedBlockingQueue<LogChunk> chunks = new LinkedBlockingQueue<>(MOST_CHUNKS);
        boolean[] overrun = new boolean[1];
        long id = session.requestLog(request, chunk -> overrun[0] |= !chunks.offer(chunk));
        try {
            while (!out.isCancelled()) {
                if (overrun[0]) {
                    throw Status.RESOURCE_EXHAUSTED
                            .withDescription("the log grows faster than it is taken")
                            .asRuntimeException();
                }
                LogChunk chunk = chunks.poll(500, TimeUnit.MILLISECONDS);
                boolean silent = chunk == null || !chunk.getError().isEmpty();
                if (silent
                        && hub.session(target.node()) != session
                        && request.getFollow()
                        && session.saysLogPositions()) {
                    return false;
                }
                if (chunk == null) {
                    continue;
                }
                if (!chunk.getError().isEmpty()) {
                    throw Status.NOT_FOUND.withDescription(chunk.getError()).asRuntimeException();
                }
                if (!chunk.getData().isEmpty()) {
                    request.setAfter(chunk.getPosition());
                    out.onNext(
                            LogsResponse.newBuilder().setData(chunk.getData()).build());
                }
                if (chunk.getEnd()) {
                    out.onCompleted();
                    return true;
                }
            }
            return true;
        } finally {
            session.cancelLog(id);
        }
    }

    /** The agent's next stream; null when none came in time, or nobody listens any more. */
    private @Nullable AgentSession next(AgentSession ended, String node, ServerCallStreamObserver<LogsResponse> out)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_ABSENCE_SECONDS);
        while (!out.isCancelled() && System.nanoTime() < deadline) {
            AgentSession session = hub.session(node);
            if (session != null && session != ended) {
                return session;
            }
            TimeUnit.MILLISECONDS.sleep(ABSENCE_POLL_MILLIS);
        }
        return null;
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
