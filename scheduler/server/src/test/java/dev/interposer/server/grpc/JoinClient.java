package dev.interposer.server.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import dev.interposer.proto.agent.v1.IssuedCertificate;
import dev.interposer.proto.agent.v1.JoinRequest;
import dev.interposer.proto.agent.v1.JoinResponse;
import dev.interposer.proto.agent.v1.JoinServiceGrpc;
import dev.interposer.proto.agent.v1.JoinStatement;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** An agent as the contract describes it, which can also lie. */
final class JoinClient {
    final KeyPair pair = pair();
    private final int port;
    private final String trusted;
    private UnaryOperator<JoinStatement.Builder> lie = statement -> statement;

    /** @param trusted PEM of who is believed */
    JoinClient(int port, String trusted) {
        this.port = port;
        this.trusted = trusted;
    }

    static KeyPair pair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    JoinClient saying(UnaryOperator<JoinStatement.Builder> alteration) {
        lie = alteration;
        return this;
    }

    /** A connection on which the certificate of the pair is shown; without one if that is null. */
    ManagedChannel channel(@Nullable String certificate) throws IOException {
        TlsChannelCredentials.Builder credentials =
                TlsChannelCredentials.newBuilder().trustManager(in(trusted));
        if (certificate != null) {
            String key = Base64.getMimeEncoder(64, new byte[] {'\n'})
                    .encodeToString(pair.getPrivate().getEncoded());
            credentials.keyManager(
                    in(certificate), in("-----BEGIN PRIVATE KEY-----\n" + key + "\n-----END PRIVATE KEY-----\n"));
        }
        return OkHttpChannelBuilder.forTarget("localhost:" + port, credentials.build())
                .build();
    }

    private static InputStream in(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    /** @param token whole; empty to renew */
    IssuedCertificate join(String token, @Nullable String shown, String... nodes) throws Exception {
        ManagedChannel channel = channel(shown);
        try {
            return ask(channel, token.isEmpty() ? "" : token.substring(4, token.lastIndexOf('.')), List.of(nodes))
                    .get(30, TimeUnit.SECONDS);
        } finally {
            channel.shutdownNow();
        }
    }

    /** The reason of the refusal; empty when there was none. */
    String refusal(String token, @Nullable String shown, String... nodes) throws Exception {
        try {
            join(token, shown, nodes);
            return "";
        } catch (ExecutionException e) {
            return reason(Objects.requireNonNull(e.getCause()));
        }
    }

    static String reason(Throwable error) throws IOException {
        com.google.rpc.Status status = StatusProto.fromThrowable(error);
        if (status == null || status.getDetailsCount() == 0) {
            return String.valueOf(error);
        }
        Any detail = status.getDetails(0);
        return detail.unpack(ErrorInfo.class).getReason();
    }

    private CompletableFuture<IssuedCertificate> ask(ManagedChannel channel, String token, List<String> nodes) {
        CompletableFuture<IssuedCertificate> issued = new CompletableFuture<>();
        CompletableFuture<StreamObserver<JoinRequest>> out = new CompletableFuture<>();
        out.complete(JoinServiceGrpc.newStub(channel).join(new StreamObserver<>() {
            @Override
            public void onNext(JoinResponse response) {
                if (response.hasChallenge()) {
                    out.join().onNext(request(response.getChallenge().getNonce(), token, nodes));
                    out.join().onCompleted();
                } else {
                    issued.complete(response.getIssued());
                }
            }

            @Override
            public void onError(Throwable error) {
                issued.completeExceptionally(error);
            }

            @Override
            public void onCompleted() {
                issued.completeExceptionally(new IllegalStateException("nothing was issued"));
            }
        }));
        return issued;
    }

    private JoinRequest request(ByteString nonce, String token, List<String> nodes) {
        byte[] statement = lie.apply(JoinStatement.newBuilder()
                        .setNonce(nonce)
                        .setPublicKey(ByteString.copyFrom(pair.getPublic().getEncoded()))
                        .addAllNodes(nodes)
                        .setToken(token))
                .build()
                .toByteArray();
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(pair.getPrivate());
            signature.update("interposer.agent.v1.JoinStatement\0".getBytes(StandardCharsets.US_ASCII));
            signature.update(statement);
            return JoinRequest.newBuilder()
                    .setStatement(ByteString.copyFrom(statement))
                    .setSignature(ByteString.copyFrom(signature.sign()))
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
