package dev.interposer.server.security;

import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Reads the certificate that a peer has shown. */
public interface PeerPasses {
    /** Null when it showed none; one that is not believed is a pass with a refusal. */
    @Nullable
    AgentPass of(SSLSession session);
}
