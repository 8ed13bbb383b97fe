package dev.interposer.server.grpc;

import dev.interposer.engine.model.WorkerKey;
import dev.interposer.proto.agent.v1.LogChunk;
import dev.interposer.proto.agent.v1.LogRequest;
import dev.interposer.proto.job.v1.LogsRequest;
import dev.interposer.proto.job.v1.LogsResponse;
import dev.interposer.server.agents.AgentHub;
import dev.interposer.server.agents.AgentMapper;
import dev.interposer.server.agents.AgentSession;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Passes one log on from the agent that has it, no faster than the client takes it: the agent is allowed so many bytes
 * and, as they are taken, so many more. One that is too old for that sends all it has, and is cut off where that is
 * more than can wait here.
 */
final class LogCall {
    /** Bytes that may be under way or wait here. */
    private static final long ALLOWANCE = 1 << 20;

    /** A chunk counts as so many at least, so that a number of chunks bounds their bytes and the other way round. */
    private static final int LEAST_CHUNK = 4096;

    private static final int MOST_CHUNKS = (int) (ALLOWANCE / LEAST_CHUNK) + 1;

    /** An agent that is started again is back long before. */
    private static final long MOST_ABSENCE_SECONDS = 120;

    private static final long ABSENCE_POLL_MILLIS = 100;
    private static final long WAIT_MILLIS = 500;

    private final AgentHub hub;
    private final ServerCallStreamObserver<LogsResponse> out;
    private final LogRequest.Builder request;
    private final Object ready = new Object();

    /** Which worker, and on which node. */
    record Target(WorkerKey key, String node) {}

    LogCall(AgentHub hub, LogsRequest asked, ServerCallStreamObserver<LogsResponse> out) {
        this.hub = hub;
        this.out = out;
        this.request =
                LogRequest.newBuilder().setTailLines(asked.getTailLines()).setFollow(asked.getFollow());
        out.setOnReadyHandler(this::wake);
        out.setOnCancelHandler(this::wake);
    }

    void run(Target target) throws InterruptedException {
        request.setKey(AgentMapper.key(target.key()));
        AgentSession session = hub.session(target.node());
        while (session != null && !relay(session, target.node())) {
            session = next(session, target.node());
        }
        if (session == null && !out.isCancelled()) {
            throw Status.UNAVAILABLE
                    .withDescription("the agent of node " + target.node() + " is not connected")
                    .asRuntimeException();
        }
    }

    /**
     * Passes on what one stream of the agent brings; keeps in the request how far that is. False when the stream ended
     * and the next one can go on there: whoever follows need not know that an agent was started again.
     */
    private boolean relay(AgentSession session, String node) throws InterruptedException {
        LinkedBlockingQueue<LogChunk> chunks = new LinkedBlockingQueue<>(MOST_CHUNKS);
        boolean[] overrun = new boolean[1];
        Allowance allowance = new Allowance();
        request.setAllowedBytes(allowance.allowed);
        long id = session.requestLog(request, chunk -> overrun[0] |= !chunks.offer(chunk));
        try {
            while (awaitReady()) {
                if (overrun[0]) {
                    throw Status.RESOURCE_EXHAUSTED
                            .withDescription("the log grows faster than it is taken")
                            .asRuntimeException();
                }
                LogChunk chunk = chunks.poll(WAIT_MILLIS, TimeUnit.MILLISECONDS);
                boolean silent = chunk == null || !chunk.getError().isEmpty();
                if (silent && hub.session(node) != session && request.getFollow() && session.saysLogPositions()) {
                    return false;
                }
                if (chunk == null) {
                    continue;
                }
                if (!chunk.getError().isEmpty()) {
                    throw Status.NOT_FOUND.withDescription(chunk.getError()).asRuntimeException();
                }
                pass(chunk);
                if (chunk.getEnd()) {
                    out.onCompleted();
                    return true;
                }
                if (allowance.taken(chunk) && session.keepsLogAllowances()) {
                    session.allowLog(id, allowance.allowed);
                }
            }
            return true;
        } finally {
            session.cancelLog(id);
        }
    }

    private void pass(LogChunk chunk) {
        if (!chunk.getData().isEmpty()) {
            request.setAfter(chunk.getPosition());
            out.onNext(LogsResponse.newBuilder().setData(chunk.getData()).build());
        }
    }

    /** Of one request to one stream. */
    private static final class Allowance {
        private long allowed = ALLOWANCE;
        private long taken;

        /** True when it is raised; by large steps, for each is a message. */
        boolean taken(LogChunk chunk) {
            taken += Math.max(chunk.getData().size(), LEAST_CHUNK);
            if (allowed - taken > ALLOWANCE / 2) {
                return false;
            }
            allowed = taken + ALLOWANCE;
            return true;
        }
    }

    /** The agent's next stream; null when none came in time, or nobody listens any more. */
    private @Nullable AgentSession next(AgentSession ended, String node) throws InterruptedException {
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

    /** False when the client is gone. One that reads slowly, such as a pager, is waited for. */
    private boolean awaitReady() throws InterruptedException {
        synchronized (ready) {
            while (!out.isReady() && !out.isCancelled()) {
                ready.wait(WAIT_MILLIS);
            }
        }
        return !out.isCancelled();
    }

    private void wake() {
        synchronized (ready) {
            ready.notifyAll();
        }
    }
}
