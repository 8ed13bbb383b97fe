package dev.interposer.agent.link;

import dev.interposer.agent.metrics.NodeFacts;
import dev.interposer.agent.runtime.Loop;
import dev.interposer.proto.agent.v1.AgentMessage;
import dev.interposer.proto.agent.v1.AgentServiceGrpc;
import dev.interposer.proto.agent.v1.ServerMessage;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Keeps one node's stream to whichever scheduler leads; everything happens on the agent's loop. */
final class Link {
    private static final Logger LOG = System.getLogger(Link.class.getName());
    private static final long LEAST_WAIT_MILLIS = 100;
    private static final long MOST_WAIT_MILLIS = 5_000;
    private static final long PROTOCOL_WAIT_MILLIS = 60_000;
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final NodeAgent node;
    private final List<ManagedChannel> channels;
    private final String token;
    private final Loop loop;
    private final Backoff backoff;
    private @Nullable Object current;
    private Loop.@Nullable Scheduled heartbeat;
    private Loop.@Nullable Scheduled retry;
    private int channel;
    private boolean closed;

    Link(NodeAgent node, List<ManagedChannel> channels, String token, Loop loop) {
        this.node = node;
        this.channels = List.copyOf(channels);
        this.token = token;
        this.loop = loop;
        this.backoff = new Backoff(LEAST_WAIT_MILLIS, MOST_WAIT_MILLIS, RandomGenerator.getDefault());
    }

    /** On the loop. */
    void connect() {
        if (closed) {
            return;
        }
        Metadata headers = new Metadata();
        headers.put(AUTHORIZATION, "Bearer " + token);
        Incoming incoming = new Incoming();
        current = incoming;
        node.connected((ClientCallStreamObserver<AgentMessage>) AgentServiceGrpc.newStub(channels.get(channel))
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .connect(incoming));
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

    private void ended(Incoming from, Status status) {
        if (current != from || closed) {
            return;
        }
        lost();
        boolean protocol = status.getCode() == Status.Code.FAILED_PRECONDITION;
        long wait = protocol ? PROTOCOL_WAIT_MILLIS : backoff.next();
        channel = (channel + 1) % channels.size();
        Level level = protocol || status.getCode() == Status.Code.UNAUTHENTICATED ? Level.ERROR : Level.INFO;
        LOG.log(
                level,
                "node {0} is not connected: {1} {2}; trying again in {3} ms",
                node.name(),
                status.getCode(),
                status.getDescription(),
                wait);
        retry = loop.after(wait, this::connect);
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
            loop.execute(() -> ended(this, Status.fromThrowable(error)));
        }

        @Override
        public void onCompleted() {
            loop.execute(() -> ended(this, Status.UNAVAILABLE.withDescription("the scheduler ended the stream")));
        }
    }
}
