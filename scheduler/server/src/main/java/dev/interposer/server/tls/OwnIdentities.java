package dev.interposer.server.tls;

import io.quarkus.logging.Log;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** Certificates of the own authority: the key never leaves the process, and is another after two thirds of a life. */
final class OwnIdentities implements Identities {
    static final Duration LIFE = Duration.ofDays(30);
    private static final Duration RENEWAL = LIFE.dividedBy(3).multipliedBy(2);

    private final Authority authority;
    private final List<String> told;
    private final InstantSource clock;
    private Identity held;
    private Instant renewAt;

    OwnIdentities(Authority authority, List<String> told, InstantSource clock) throws TlsException {
        this.authority = authority;
        this.told = List.copyOf(told);
        this.clock = clock;
        Instant now = clock.instant();
        this.held = make(now);
        this.renewAt = now.plus(RENEWAL);
    }

    @Override
    public synchronized Identity current() {
        Instant now = clock.instant();
        if (now.isAfter(renewAt)) {
            try {
                held = make(now);
                renewAt = now.plus(RENEWAL);
            } catch (TlsException e) {
                Log.errorf(e, "the server's certificate stays the old one: %s", e.getMessage());
            }
        }
        return held;
    }

    private Identity make(Instant now) throws TlsException {
        try {
            return authority.server(ServerNames.ofThisMachine(told), now, LIFE);
        } catch (GeneralSecurityException | IOException e) {
            throw new TlsException("a certificate of the server can't be made: " + e.getMessage(), e);
        }
    }
}
