package dev.interposer.server.tls;

import com.google.rpc.Code;
import dev.interposer.server.security.AgentPass;
import dev.interposer.server.security.Refusals;
import io.grpc.StatusRuntimeException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Of an agent that shows a certificate. The handshake has proven that it holds the key; everything else is found here,
 * so that the agent is told what is wrong in words and not by an alert.
 *
 * @param signed by an authority of this installation
 */
record CertificatePass(X509Certificate shown, Set<String> nodes, boolean signed, AgentCertificates all)
        implements AgentPass {
    private static final String MAYBE = " Maybe start the agent with a new join token, of `interposer create token`?";

    CertificatePass {
        nodes = Set.copyOf(nodes);
    }

    @Override
    public boolean names(String node) {
        return signed && nodes.contains(node);
    }

    @Override
    public @Nullable StatusRuntimeException refusal() {
        if (!signed) {
            return refused("CERTIFICATE_UNKNOWN", this + " was not given by this installation." + MAYBE);
        }
        Instant end = shown.getNotAfter().toInstant();
        if (all.now().isAfter(end)) {
            return refused("CERTIFICATE_EXPIRED", this + " ended at " + end + "." + MAYBE);
        }
        return all.isRevoked(serial()) ? revoked(this) : null;
    }

    static StatusRuntimeException revoked(CertificatePass pass) {
        return refused("CERTIFICATE_REVOKED", pass + " was revoked." + MAYBE);
    }

    private static StatusRuntimeException refused(String reason, String message) {
        return Refusals.of(Code.UNAUTHENTICATED, reason, message);
    }

    String serial() {
        return AgentCertificates.serial(shown);
    }

    @Override
    public String toString() {
        return "the certificate " + serial() + " of "
                + nodes.stream().sorted().limit(3).toList();
    }
}
