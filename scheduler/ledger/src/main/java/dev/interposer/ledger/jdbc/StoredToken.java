package dev.interposer.ledger.jdbc;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A join token as the database keeps it, without its secret.
 *
 * @param nodePattern which nodes; empty for all
 * @param uses so many agents may join with it
 * @param used so many did
 * @param state by the database's clock, when it was read
 */
public record StoredToken(
        String id,
        String nodePattern,
        int uses,
        int used,
        String madeBy,
        Instant madeAt,
        Instant expiresAt,
        @Nullable Instant revokedAt,
        State state) {
    /** Whether an agent may join with it. */
    public enum State {
        USABLE,
        USED_UP,
        EXPIRED,
        REVOKED
    }
}
