package dev.interposer.server.grpc;

import com.google.rpc.Code;
import dev.interposer.control.port.LedgerException;
import dev.interposer.ledger.jdbc.StoredToken;
import dev.interposer.proto.fleet.v1.AccessServiceGrpc;
import dev.interposer.proto.fleet.v1.Authority;
import dev.interposer.proto.fleet.v1.CreateTokenRequest;
import dev.interposer.proto.fleet.v1.CreateTokenResponse;
import dev.interposer.proto.fleet.v1.JoinToken;
import dev.interposer.proto.fleet.v1.ListAuthoritiesRequest;
import dev.interposer.proto.fleet.v1.ListAuthoritiesResponse;
import dev.interposer.proto.fleet.v1.ListTokensRequest;
import dev.interposer.proto.fleet.v1.ListTokensResponse;
import dev.interposer.proto.fleet.v1.RevokeNodeRequest;
import dev.interposer.proto.fleet.v1.RevokeResponse;
import dev.interposer.proto.fleet.v1.RevokeTokenRequest;
import dev.interposer.proto.fleet.v1.RotateAuthorityRequest;
import dev.interposer.proto.fleet.v1.RotateAuthorityResponse;
import dev.interposer.server.security.Refusals;
import dev.interposer.server.tls.JoinTokens;
import dev.interposer.server.tls.Rotation;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

/** Who may join. It rests on the database alone, so a server that does not lead answers as well. */
@Singleton
public final class AccessEndpoint extends AccessServiceGrpc.AccessServiceImplBase {
    private static final Duration STANDARD_LIFE = Duration.ofDays(1);
    private static final Duration LONGEST_LIFE = Duration.ofDays(366);
    private static final int MOST_USES = 1_000_000;
    private static final Pattern NODES = Pattern.compile("[-a-z0-9.*]{1,253}/[-a-z0-9.*]{1,253}");

    private final JoinTokens tokens;
    private final Rotation rotation;

    public AccessEndpoint(JoinTokens tokens, Rotation rotation) {
        this.tokens = tokens;
        this.rotation = rotation;
    }

    @Override
    public void createToken(CreateTokenRequest request, StreamObserver<CreateTokenResponse> out) {
        answer(out, () -> {
            JoinTokens.Made made = tokens.create(terms(request));
            return CreateTokenResponse.newBuilder()
                    .setToken(made.text())
                    .setShown(shown(made.shown()))
                    .build();
        });
    }

    private static JoinTokens.Terms terms(CreateTokenRequest request) {
        long seconds = request.getTtlSeconds() == 0 ? STANDARD_LIFE.toSeconds() : request.getTtlSeconds();
        if (seconds < 0 || seconds > LONGEST_LIFE.toSeconds()) {
            throw Errors.invalid(
                    "ttlSeconds", Long.toString(seconds), "must be between 1 and " + LONGEST_LIFE.toSeconds());
        }
        int uses = request.getUses() == 0 ? 1 : request.getUses();
        if (uses < 0 || uses > MOST_USES) {
            throw Errors.invalid("uses", Integer.toString(uses), "must be between 1 and " + MOST_USES);
        }
        String pattern = request.getNodePattern();
        if (!pattern.isEmpty() && !NODES.matcher(pattern).matches()) {
            throw Errors.invalid(
                    "nodePattern", pattern, "must be cluster/node in DNS letters, with * for any. Maybe main/*?");
        }
        return new JoinTokens.Terms(
                Duration.ofSeconds(seconds), uses, pattern, Calls.caller().name());
    }

    @Override
    public void listTokens(ListTokensRequest request, StreamObserver<ListTokensResponse> out) {
        answer(
                out,
                () -> ListTokensResponse.newBuilder()
                        .addAllTokens(
                                tokens.all().stream().map(AccessEndpoint::shown).toList())
                        .build());
    }

    @Override
    public void revokeToken(RevokeTokenRequest request, StreamObserver<RevokeResponse> out) {
        answer(out, () -> {
            String id = JoinTokens.id(request.getId());
            if (!tokens.revoke(id)) {
                throw Errors.notFound("join token " + id);
            }
            return revoked(request.getCertificates() ? tokens.revokeCertificates(id) : 0);
        });
    }

    @Override
    public void revokeNode(RevokeNodeRequest request, StreamObserver<RevokeResponse> out) {
        answer(out, () -> revoked(tokens.revokeNode(request.getName())));
    }

    @Override
    public void rotateAuthority(RotateAuthorityRequest request, StreamObserver<RotateAuthorityResponse> out) {
        answer(out, () -> {
            Rotation.Begun begun = rotation.begin();
            return RotateAuthorityResponse.newBuilder()
                    .setSuccessor(shown(begun.successor()))
                    .addAllUselessTokens(begun.uselessTokens())
                    .build();
        });
    }

    @Override
    public void listAuthorities(ListAuthoritiesRequest request, StreamObserver<ListAuthoritiesResponse> out) {
        answer(
                out,
                () -> ListAuthoritiesResponse.newBuilder()
                        .addAllAuthorities(rotation.authorities().stream()
                                .map(AccessEndpoint::shown)
                                .toList())
                        .build());
    }

    private static Authority shown(Rotation.Shown authority) {
        return Authority.newBuilder()
                .setNumber(authority.number())
                .setStage(
                        switch (authority.stage()) {
                            case NEXT -> "Next";
                            case SIGNING -> "Signing";
                            case FORMER -> "Former";
                        })
                .setSignsFromMicros(micros(authority.signsFrom()))
                .setPin(authority.pin())
                .setCertificates(authority.certificates())
                .build();
    }

    private static RevokeResponse revoked(int certificates) {
        return RevokeResponse.newBuilder().setCertificates(certificates).build();
    }

    private static JoinToken shown(StoredToken token) {
        return JoinToken.newBuilder()
                .setId(token.id())
                .setNodePattern(token.nodePattern())
                .setUses(token.uses())
                .setUsed(token.used())
                .setMadeBy(token.madeBy())
                .setMadeAtMicros(micros(token.madeAt()))
                .setExpiresAtMicros(micros(token.expiresAt()))
                .setState(
                        switch (token.state()) {
                            case USABLE -> "Usable";
                            case USED_UP -> "UsedUp";
                            case EXPIRED -> "Expired";
                            case REVOKED -> "Revoked";
                        })
                .build();
    }

    private static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    private static <T> void answer(StreamObserver<T> out, Callable<T> call) {
        Calls.answer(out, () -> {
            try {
                return call.call();
            } catch (RuntimeException e) {
                throw e instanceof LedgerException
                        ? Status.UNAVAILABLE.withDescription(e.getMessage()).asRuntimeException()
                        : e;
            } catch (Exception e) {
                throw Refusals.of(Code.INTERNAL, "INTERNAL", String.valueOf(e.getMessage()));
            }
        });
    }
}
