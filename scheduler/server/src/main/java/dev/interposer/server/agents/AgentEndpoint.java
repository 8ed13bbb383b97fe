package dev.interposer.server.agents;

import dev.interposer.proto.agent.v1.AgentMessage;
import dev.interposer.proto.agent.v1.AgentServiceGrpc;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.server.config.ServerConfig;
import dev.interposer.server.loop.SchedulerLoop;
import dev.interposer.server.security.TokenInterceptor;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Singleton;

/** Opens a session for each stream; a server that does not lead sends agents on. */
@Singleton
public final class AgentEndpoint extends AgentServiceGrpc.AgentServiceImplBase {
    private final AgentHub hub;
    private final SchedulerLoop loop;
    private final ServerConfig config;

    public AgentEndpoint(AgentHub hub, SchedulerLoop loop, ServerConfig config) {
        this.hub = hub;
        this.loop = loop;
        this.config = config;
    }

    @Override
    public StreamObserver<AgentMessage> connect(StreamObserver<ServerMessage> out) {
        AgentSession session = new AgentSession(
                hub,
                loop,
                TokenInterceptor.PASS.get(),
                (int) config.agents().heartbeat().toMillis(),
                (ServerCallStreamObserver<ServerMessage>) out);
        if (loop.epoch() == 0) {
            session.end(Status.UNAVAILABLE.withDescription("this server does not lead"));
        }
        return session;
    }
}
