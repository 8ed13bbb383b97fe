package dev.interposer.server.tls;

import com.google.rpc.Code;
import dev.interposer.ledger.jdbc.JdbcCertificates;
import dev.interposer.ledger.jdbc.JdbcJoinTokens;
import dev.interposer.ledger.jdbc.StoredCertificate;
import dev.interposer.ledger.jdbc.StoredToken;
import dev.interposer.server.config.ServerConfig;
import dev.interposer.server.loop.LedgerAccess;
import dev.interposer.server.security.AgentPass;
import dev.interposer.server.security.PeerPasses;
import dev.interposer.server.security.Refusals;
import io.grpc.StatusRuntimeException;
import jakarta.inject.Singleton;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Gives agents their certificates, and says of those that are shown whether they are good. */
@Singleton
public final class AgentCertificates implements PeerPasses {
    private static final Duration REMEMBERED = Duration.ofDays(7);

    private final ServerConfig config;
    private final LedgerAccess access;
    private final SharedAuthorities authorities;
    private final InstantSource clock = InstantSource.system();
    private volatile Set<String> revoked = Set.of();

    public AgentCertificates(ServerConfig config, LedgerAccess access, SharedAuthorities authorities) {
        this.config = config;
        this.access = access;
        this.authorities = authorities;
    }

    /** Both as PEM. */
    public record Issued(String certificate, String authorities) {}

    /** What an agent asks for. */
    public record Wanted(PublicKey key, List<String> nodes) {
        public Wanted {
            nodes = List.copyOf(nodes);
        }
    }

    private record Signed(StoredCertificate stored, Issued issued) {}

    /** For whoever has a token; uses it up by one. */
    public Issued join(String id, String secret, Wanted wanted) {
        JdbcJoinTokens tokens = new JdbcJoinTokens(access.database());
        StoredToken token = usable(id, tokens.find(id, Digest.hex(secret)));
        for (String node : wanted.nodes()) {
            if (!JoinTokens.allows(token.nodePattern(), node)) {
                throw Refusals.of(
                        Code.PERMISSION_DENIED,
                        "NODE_NOT_ALLOWED",
                        "nodes (" + node + ") does not fit " + token.nodePattern() + ", for which the join token " + id
                                + " was made. Maybe another name in the agent's nodes file, or another token?");
            }
        }
        Signed signed = sign(wanted);
        if (!tokens.use(id, signed.stored)) {
            // It was usable a moment ago: somebody else was quicker.
            usable(id, tokens.find(id, Digest.hex(secret)));
            throw refused("TOKEN_USED_UP", "the join token " + id + " was used up by another agent");
        }
        return signed.issued;
    }

    /** For whoever shows a certificate that is good. */
    public Issued renew(@Nullable AgentPass pass, Wanted wanted) {
        if (!(pass instanceof CertificatePass held)) {
            throw refused("CERTIFICATE_MISSING", "without a join token a certificate must be shown, to be renewed");
        }
        StatusRuntimeException refusal = held.refusal();
        if (refusal != null) {
            throw refusal;
        }
        for (String node : wanted.nodes()) {
            if (!held.names(node)) {
                throw Refusals.of(
                        Code.PERMISSION_DENIED,
                        "NODE_NOT_ALLOWED",
                        "nodes (" + node + ") is none of those that " + held + " speaks for");
            }
        }
        Signed signed = sign(wanted);
        if (!new JdbcCertificates(access.database()).renew(held.serial(), signed.stored)) {
            throw CertificatePass.revoked(held);
        }
        return signed.issued;
    }

    private static StoredToken usable(String id, @Nullable StoredToken token) {
        if (token == null) {
            throw refused(
                    "TOKEN_UNKNOWN",
                    "no join token " + id + " is known, or its secret is another. Maybe it is of another installation,"
                            + " or ended long ago?");
        }
        return switch (token.state()) {
            case USABLE, USED_UP -> token;
            case EXPIRED -> throw refused("TOKEN_EXPIRED", "the join token " + id + " ended at " + token.expiresAt());
            case REVOKED ->
                throw refused("TOKEN_REVOKED", "the join token " + id + " was revoked at " + token.revokedAt());
        };
    }

    private static StatusRuntimeException refused(String reason, String message) {
        return Refusals.of(Code.UNAUTHENTICATED, reason, message);
    }

    private Signed sign(Wanted wanted) {
        try {
            // Of this moment: an agent must hear of a successor before that signs.
            SharedAuthorities.Signers signers = authorities.refresh();
            SharedAuthorities.Numbered signing = signers.signing();
            X509Certificate certificate = signing.authority()
                    .agent(wanted, clock.instant(), config.tls().agentCertificateLife());
            StoredCertificate stored = new StoredCertificate(
                    serial(certificate),
                    signing.number(),
                    Digest.hex(wanted.key().getEncoded()),
                    wanted.nodes(),
                    certificate.getNotAfter().toInstant());
            return new Signed(stored, new Issued(Pem.write(List.of(certificate)), Pem.write(signers.certificates())));
        } catch (GeneralSecurityException | TlsException e) {
            throw Refusals.of(Code.INTERNAL, "INTERNAL", "a certificate can't be made: " + e.getMessage());
        }
    }

    @Override
    public @Nullable AgentPass of(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate shown ? pass(shown) : null;
        } catch (SSLPeerUnverifiedException e) {
            // It showed none, as those who have a token.
            return null;
        }
    }

    AgentPass pass(X509Certificate shown) {
        return new CertificatePass(shown, Authority.nodes(shown), isSigned(shown), this);
    }

    private boolean isSigned(X509Certificate shown) {
        return authorities.trusted().stream().anyMatch(one -> one.authority().hasSigned(shown));
    }

    boolean isRevoked(String serial) {
        return revoked.contains(serial);
    }

    Instant now() {
        return clock.instant();
    }

    static String serial(X509Certificate certificate) {
        return certificate.getSerialNumber().toString(16);
    }

    /** Asks the database which of them are refused. */
    void refresh() {
        revoked = Set.copyOf(new JdbcCertificates(access.database()).revoked());
    }

    /** Tells the database to forget what is long over. */
    void sweep() {
        new JdbcCertificates(access.database()).forget(REMEMBERED);
        new JdbcJoinTokens(access.database()).forget(REMEMBERED);
    }
}
