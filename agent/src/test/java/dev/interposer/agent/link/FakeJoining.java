package dev.interposer.agent.link;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.interposer.proto.agent.v1.Challenge;
import dev.interposer.proto.agent.v1.IssuedCertificate;
import dev.interposer.proto.agent.v1.JoinRequest;
import dev.interposer.proto.agent.v1.JoinResponse;
import dev.interposer.proto.agent.v1.JoinServiceGrpc;
import dev.interposer.proto.agent.v1.JoinStatement;
import io.grpc.Server;
import io.grpc.TlsServerCredentials;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;

/** A scheduler over TLS that gives a certificate, or says why not, to whoever asks. */
final class FakeJoining extends JoinServiceGrpc.JoinServiceImplBase implements AutoCloseable {
    private final List<JoinStatement> heard = new CopyOnWriteArrayList<>();
    private final IssuedCertificate given;
    private final Server server;
    private volatile String refusal = "";

    FakeJoining(KeyManagerFactory keys, IssuedCertificate given) throws IOException {
        this.given = given;
        this.server = OkHttpServerBuilder.forPort(
                        0,
                        TlsServerCredentials.newBuilder()
                                .keyManager(keys.getKeyManagers())
                                .build())
                .addService(this)
                .build()
                .start();
    }

    String address() {
        return "localhost:" + server.getPort();
    }

    /** From now on everybody is refused for that reason. */
    void refuse(String reason) {
        refusal = reason;
    }

    /** What was asked for, in order. */
    List<JoinStatement> heard() {
        return List.copyOf(heard);
    }

    @Override
    public StreamObserver<JoinRequest> join(StreamObserver<JoinResponse> out) {
        out.onNext(JoinResponse.newBuilder()
                .setChallenge(Challenge.newBuilder().setNonce(ByteString.copyFromUtf8("nonce")))
                .build());
        return new StreamObserver<>() {
            @Override
            public void onNext(JoinRequest request) {
                try {
                    heard.add(JoinStatement.parseFrom(request.getStatement()));
                } catch (InvalidProtocolBufferException e) {
                    throw new AssertionError(e);
                }
                if (refusal.isEmpty()) {
                    out.onNext(JoinResponse.newBuilder().setIssued(given).build());
                    out.onCompleted();
                } else {
                    out.onError(StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                            .setCode(io.grpc.Status.Code.UNAUTHENTICATED.value())
                            .setMessage("refused: " + refusal)
                            .addDetails(Any.pack(
                                    ErrorInfo.newBuilder().setReason(refusal).build()))
                            .build()));
                }
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {}
        };
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
