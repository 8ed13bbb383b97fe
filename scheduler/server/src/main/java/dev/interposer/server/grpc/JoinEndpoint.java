package dev.interposer.server.grpc;

import dev.interposer.proto.agent.v1.JoinRequest;
import dev.interposer.proto.agent.v1.JoinResponse;
import dev.interposer.proto.agent.v1.JoinServiceGrpc;
import dev.interposer.server.security.AgentPass;
import dev.interposer.server.security.TokenInterceptor;
import dev.interposer.server.tls.AgentCertificates;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Lets agents in. Who calls is unknown until it has proven itself, so calls are few at a time and short. Who shows a
 * good certificate is known, and is never kept from renewing it by those who are not.
 */
@Singleton
public final class JoinEndpoint extends JoinServiceGrpc.JoinServiceImplBase {
    private static final int MOST_OPEN = 64;
    private static final long MOST_SECONDS = 10;

    private final AgentCertificates certificates;
    private final Semaphore strangers = new Semaphore(MOST_OPEN);
    private final Semaphore known = new Semaphore(MOST_OPEN);

    public JoinEndpoint(AgentCertificates certificates) {
        this.certificates = certificates;
    }

    @Override
    public StreamObserver<JoinRequest> join(StreamObserver<JoinResponse> out) {
        AgentPass pass = TokenInterceptor.PASS.get();
        Semaphore open = pass != null && pass.refusal() == null ? known : strangers;
        boolean admitted = open.tryAcquire();
        JoinCall call = new JoinCall(
                certificates, pass, (ServerCallStreamObserver<JoinResponse>) out, admitted ? open::release : () -> {});
        if (!admitted) {
            call.end(Status.RESOURCE_EXHAUSTED.withDescription(MOST_OPEN + " agents are joining; try again"));
            return call;
        }
        CompletableFuture.delayedExecutor(MOST_SECONDS, TimeUnit.SECONDS)
                .execute(() -> call.end(Status.DEADLINE_EXCEEDED.withDescription(
                        "the challenge was not answered in " + MOST_SECONDS + " s")));
        call.challenge();
        return call;
    }
}
