package dev.interposer.agent.link;

import dev.interposer.agent.metrics.NodeFacts;
import dev.interposer.agent.runtime.Loop;
import dev.interposer.proto.agent.v1.AgentMessage;
import dev.interposer.proto.agent.v1.ServerMessage;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Keeps one node's stream to whichever scheduler leads; everything happens on the agent's loop. */
final class Link {
    private static final Logger LOG = System.getLogger(Link.class.getName());
    private static final long LEAST_WAIT_MILLIS = 100;
    private static final long MOST_WAIT_MILLIS = 5_000;

    /** For what only people change. */
    private static final long REFUSED_WAIT_MILLIS = 60_000;

    private final NodeAgent node;
    private final Connections connections;
    private final Loop loop;
    private final Backoff backoff;
    private @Nullable Object current;
    private Loop.@Nullable Scheduled heartbeat;
    private Loop.@Nullable Scheduled retry;
    private int channel;
    private boolean begun;
    private boolean closed;

    Link(NodeAgent node, Connections connections, Loop loop) {
        this.node = node;
        this.connections = connections;
        this.loop = loop;
        this.backoff = new Backoff(LEAST_WAIT_MILLIS, MOST_WAIT_MILLIS, RandomGenerator.getDefault());
    }

    /** On the loop. While the agent is nobody yet it waits for {@link #reconnect}. */
    void connect() {
        begun = true;
        if (closed || connections.isEmpty()) {
            return;
        }
        Incoming incoming = new Incoming();
        current = incoming;
        node.connected((ClientCallStreamObserver<AgentMessage>)
                connections.agents(channel).connect(incoming));
    }

    /** On the loop: over the connections of now. The server ends the older stream when the newer one is there. */
    void reconnect() {
        if (!begun || closed) {
            return;
        }
        if (retry != null) {
            retry.cancel();
        }
        lost();
        connect();
    }

    /** On the loop. */
    NodeFacts facts() {
        return node.facts(heartbeat != null);
    }

    /** On the loop. */
    void close() {
        closed = true;
        if (retry != null) {
            retry.cancel();
        }
        lost();
    }

    private void message(Incoming from, ServerMessage message) {
        if (current != from) {
            return;
        }
        if (message.hasWelcome()) {
            backoff.succeeded();
            LOG.log(Level.INFO, "node {0} is connected, epoch {1}", node.name(), message.getEpoch());
            long every = Math.max(50, message.getWelcome().getHeartbeatMillis());
            heartbeat = loop.every(every, node::heartbeat);
        }
        node.received(message);
    }

    private void ended(Incoming from, Throwable error) {
        if (current != from || closed) {
            return;
        }
        lost();
        Status status = Status.fromThrowable(error);
        Reason reason = Reason.of(error);
        boolean refused = reason.certificate()
                || reason.code().equals(Reason.NODE_NOT_ALLOWED)
                || status.getCode() == Status.Code.FAILED_PRECONDITION;
        long wait = refused ? REFUSED_WAIT_MILLIS : backoff.next();
        channel = (channel + 1) % connections.size();
        Level level = refused || status.getCode() == Status.Code.UNAUTHENTICATED ? Level.ERROR : Level.INFO;
        LOG.log(
                level,
                "node {0} is not connected: {1} {2}; trying again in {3} ms",
                node.name(),
                status.getCode(),
                reason.unbelieved() ? reason.message() : status.getDescription(),
                wait);
        retry = loop.after(wait, this::connect);
        if (reason.certificate() || reason.unbelieved()) {
            connections.refused(reason);
        }
    }

    private void lost() {
        current = null;
        if (heartbeat != null) {
            heartbeat.cancel();
            heartbeat = null;
        }
        node.disconnected();
    }

    /** Hands everything over to the loop; a stream that was given up says nothing any more. */
    private final class Incoming implements StreamObserver<ServerMessage> {
        @Override
        public void onNext(ServerMessage message) {
            loop.execute(() -> message(this, message));
        }

        @Override
        public void onError(Throwable error) {
            loop.execute(() -> ended(this, error));
        }

        @Override
        public void onCompleted() {
            loop.execute(() -> ended(
                    this,
                    Status.UNAVAILABLE
                            .withDescription("the scheduler ended the stream")
                            .asRuntimeException()));
        }
    }
}
