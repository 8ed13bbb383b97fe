package dev.interposer.server.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Code;
import dev.interposer.control.port.LedgerException;
import dev.interposer.proto.agent.v1.Challenge;
import dev.interposer.proto.agent.v1.IssuedCertificate;
import dev.interposer.proto.agent.v1.JoinRequest;
import dev.interposer.proto.agent.v1.JoinResponse;
import dev.interposer.proto.agent.v1.JoinStatement;
import dev.interposer.server.security.AgentPass;
import dev.interposer.server.security.Refusals;
import dev.interposer.server.tls.AgentCertificates;
import dev.interposer.server.tls.AgentCertificates.Issued;
import dev.interposer.server.tls.AgentCertificates.Wanted;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.logging.Log;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One agent that asks for a certificate. */
final class JoinCall implements StreamObserver<JoinRequest> {
    private static final int NONCE_BYTES = 32;
    private static final int CURVE_BITS = 256;
    private static final int MOST_NODES = 256;
    private static final byte[] CONTEXT = "interposer.agent.v1.JoinStatement\0".getBytes(StandardCharsets.US_ASCII);
    private static final String LABEL = "[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?";
    private static final Pattern NODE = Pattern.compile(LABEL + "/" + LABEL);

    private final AgentCertificates certificates;
    private final @Nullable AgentPass pass;
    private final ServerCallStreamObserver<JoinResponse> out;
    private final Runnable release;
    private final ByteString nonce;
    private boolean asked;
    private boolean ended;

    JoinCall(
            AgentCertificates certificates,
            @Nullable AgentPass pass,
            ServerCallStreamObserver<JoinResponse> out,
            Runnable release) {
        this.certificates = certificates;
        this.pass = pass;
        this.out = out;
        this.release = release;
        byte[] random = new byte[NONCE_BYTES];
        new SecureRandom().nextBytes(random);
        this.nonce = ByteString.copyFrom(random);
        out.setOnCancelHandler(this::gone);
    }

    synchronized void challenge() {
        if (!ended) {
            out.onNext(JoinResponse.newBuilder()
                    .setChallenge(Challenge.newBuilder().setNonce(nonce))
                    .build());
        }
    }

    void end(Status status) {
        end(status.asRuntimeException());
    }

    private synchronized void end(StatusRuntimeException error) {
        if (!ended) {
            gone();
            out.onError(error);
        }
    }

    private synchronized void gone() {
        if (!ended) {
            ended = true;
            release.run();
        }
    }

    @Override
    public void onNext(JoinRequest request) {
        if (asked) {
            end(invalid("one statement is made in a call"));
            return;
        }
        asked = true;
        try {
            Issued issued = answer(request);
            issued(issued);
        } catch (StatusRuntimeException e) {
            end(e);
        } catch (LedgerException e) {
            end(Status.UNAVAILABLE.withDescription(e.getMessage()));
        } catch (RuntimeException e) {
            Log.error("an agent can't join", e);
            end(Status.INTERNAL.withDescription("an internal error; see the server's log"));
        }
    }

    private synchronized void issued(Issued issued) {
        if (!ended) {
            gone();
            out.onNext(JoinResponse.newBuilder()
                    .setIssued(IssuedCertificate.newBuilder()
                            .setCertificate(issued.certificate())
                            .setAuthorities(issued.authorities()))
                    .build());
            out.onCompleted();
        }
    }

    private Issued answer(JoinRequest request) {
        JoinStatement statement = statement(request);
        Wanted wanted = new Wanted(key(statement, request), nodes(statement));
        String token = statement.getToken();
        Issued issued;
        if (token.isEmpty()) {
            issued = certificates.renew(pass, wanted);
        } else {
            int dot = token.indexOf('.');
            if (dot < 0) {
                throw invalid("the token must be an id and a secret with a dot in between");
            }
            issued = certificates.join(token.substring(0, dot), token.substring(dot + 1), wanted);
            Log.infof("an agent joined by token %s for %s", token.substring(0, dot), wanted.nodes());
        }
        return issued;
    }

    private JoinStatement statement(JoinRequest request) {
        try {
            JoinStatement statement = JoinStatement.parseFrom(request.getStatement());
            if (!statement.getNonce().equals(nonce)) {
                throw invalid("its nonce is not the one of this call's challenge");
            }
            return statement;
        } catch (InvalidProtocolBufferException e) {
            throw invalid("it is no JoinStatement: " + e.getMessage());
        }
    }

    /** Whoever asks for a certificate of a key must hold it. */
    private static PublicKey key(JoinStatement statement, JoinRequest request) {
        try {
            PublicKey key = KeyFactory.getInstance("EC")
                    .generatePublic(
                            new X509EncodedKeySpec(statement.getPublicKey().toByteArray()));
            if (!(key instanceof ECPublicKey curve)
                    || curve.getParams().getCurve().getField().getFieldSize() != CURVE_BITS) {
                throw invalid("its public key is not on the curve P-256");
            }
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initVerify(key);
            signature.update(CONTEXT);
            signature.update(request.getStatement().toByteArray());
            if (!signature.verify(request.getSignature().toByteArray())) {
                throw invalid("it is not signed by the private key of its public key");
            }
            return key;
        } catch (GeneralSecurityException e) {
            throw invalid("its public key or signature can't be read: " + e.getMessage());
        }
    }

    private static List<String> nodes(JoinStatement statement) {
        List<String> nodes = statement.getNodesList();
        if (nodes.isEmpty() || nodes.size() > MOST_NODES || Set.copyOf(nodes).size() < nodes.size()) {
            throw invalid("it names " + nodes.size() + " nodes; 1 to " + MOST_NODES + ", each once, can be named");
        }
        for (String node : nodes) {
            if (!NODE.matcher(node).matches()) {
                throw invalid("nodes (" + node + ") must be cluster/node in DNS letters");
            }
        }
        return nodes;
    }

    private static StatusRuntimeException invalid(String message) {
        return Refusals.of(Code.INVALID_ARGUMENT, "STATEMENT_INVALID", "the statement can't be taken: " + message);
    }

    @Override
    public void onError(Throwable error) {
        gone();
    }

    @Override
    public void onCompleted() {
        if (!asked) {
            end(invalid("none was made"));
        }
    }
}
