package dev.interposer.agent.link;

import dev.interposer.agent.identity.Keys;
import dev.interposer.agent.runtime.Loop;
import dev.interposer.proto.agent.v1.IssuedCertificate;
import dev.interposer.proto.agent.v1.JoinRequest;
import dev.interposer.proto.agent.v1.JoinResponse;
import dev.interposer.proto.agent.v1.JoinServiceGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Asks a scheduler for a certificate, once. Everything but what arrives happens on the loop. */
final class JoinCall implements StreamObserver<JoinResponse> {
    private static final long MOST_SECONDS = 20;

    private final Wish wish;
    private final Loop loop;
    private final Answer answer;
    private @Nullable StreamObserver<JoinRequest> out;
    private boolean ended;

    /** @param token id and secret with a dot in between; empty to renew */
    record Wish(KeyPair pair, List<String> nodes, String token) {}

    /** What came of it: one of both, once. */
    interface Answer {
        void issued(IssuedCertificate certificate);

        void failed(Throwable error);
    }

    private JoinCall(Wish wish, Loop loop, Answer answer) {
        this.wish = wish;
        this.loop = loop;
        this.answer = answer;
    }

    static void begin(Channel channel, Wish wish, Loop loop, Answer answer) {
        JoinCall call = new JoinCall(wish, loop, answer);
        call.out = JoinServiceGrpc.newStub(channel)
                .withDeadlineAfter(MOST_SECONDS, TimeUnit.SECONDS)
                .join(call);
    }

    @Override
    public void onNext(JoinResponse response) {
        loop.execute(() -> taken(response));
    }

    private void taken(JoinResponse response) {
        if (ended || out == null) {
            return;
        }
        switch (response.getBodyCase()) {
            case CHALLENGE -> {
                try {
                    out.onNext(Keys.request(
                            wish.pair(),
                            wish.nodes(),
                            wish.token(),
                            response.getChallenge().getNonce()));
                    out.onCompleted();
                } catch (GeneralSecurityException | IllegalStateException e) {
                    failed(e);
                }
            }
            case ISSUED -> {
                ended = true;
                answer.issued(response.getIssued());
            }
            case BODY_NOT_SET -> failed(new IllegalStateException("an answer of a later version"));
        }
    }

    private void failed(Throwable error) {
        if (!ended) {
            ended = true;
            answer.failed(error);
        }
    }

    @Override
    public void onError(Throwable error) {
        loop.execute(() -> failed(error));
    }

    @Override
    public void onCompleted() {
        loop.execute(() -> failed(Status.UNAVAILABLE
                .withDescription("the scheduler gave no certificate")
                .asRuntimeException()));
    }
}
