package dev.interposer.agent.link;

import dev.interposer.proto.agent.v1.AgentMessage;
import dev.interposer.proto.agent.v1.AgentServiceGrpc;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.agent.v1.Welcome;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Welcomes every agent, on a socket, and says what the test says. */
final class FakeScheduler extends AgentServiceGrpc.AgentServiceImplBase implements AutoCloseable {
    private static final int HEARTBEAT_MILLIS = 50;

    private final Queue<StreamObserver<ServerMessage>> streams = new ConcurrentLinkedQueue<>();
    private final Server server;

    FakeScheduler() throws IOException {
        this.server = OkHttpServerBuilder.forPort(0, InsecureServerCredentials.create())
                .addService(this)
                .build()
                .start();
    }

    String address() {
        return "127.0.0.1:" + server.getPort();
    }

    /** To all that are connected. */
    void say(ServerMessage.Builder message) {
        streams.forEach(
                stream -> stream.onNext(message.setEpoch(1).setIncarnation(1).build()));
    }

    @Override
    public StreamObserver<AgentMessage> connect(StreamObserver<ServerMessage> stream) {
        return new StreamObserver<>() {
            @Override
            public void onNext(AgentMessage message) {
                if (message.hasHello()) {
                    stream.onNext(ServerMessage.newBuilder()
                            .setEpoch(1)
                            .setIncarnation(1)
                            .setWelcome(Welcome.newBuilder().setHeartbeatMillis(HEARTBEAT_MILLIS))
                            .build());
                    streams.add(stream);
                }
            }

            @Override
            public void onError(Throwable error) {
                streams.remove(stream);
            }

            @Override
            public void onCompleted() {
                streams.remove(stream);
            }
        };
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
