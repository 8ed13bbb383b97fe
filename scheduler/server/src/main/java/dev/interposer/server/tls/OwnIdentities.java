package dev.interposer.server.tls;

import io.quarkus.logging.Log;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/**
 * Certificates of the own authority: the key never leaves the process, and is another after two thirds of a life, or
 * when another authority signs.
 */
final class OwnIdentities implements Identities {
    static final Duration LIFE = Duration.ofDays(30);
    private static final Duration RENEWAL = LIFE.dividedBy(3).multipliedBy(2);

    private final Supplier<Authority> signing;
    private final List<String> told;
    private final InstantSource clock;
    private Authority signer;
    private Identity held;
    private Instant renewAt;

    OwnIdentities(Supplier<Authority> signing, List<String> told, InstantSource clock) throws TlsException {
        this.signing = signing;
        this.told = List.copyOf(told);
        this.clock = clock;
        Instant now = clock.instant();
        this.signer = signing.get();
        this.held = make(signer, now);
        this.renewAt = now.plus(RENEWAL);
    }

    @Override
    public synchronized Identity current() {
        Instant now = clock.instant();
        Authority signs = signing.get();
        if (now.isAfter(renewAt) || !signs.equals(signer)) {
            try {
                held = make(signs, now);
                signer = signs;
                renewAt = now.plus(RENEWAL);
            } catch (TlsException e) {
                Log.errorf(e, "the server's certificate stays the old one: %s", e.getMessage());
            }
        }
        return held;
    }

    private Identity make(Authority authority, Instant now) throws TlsException {
        try {
            return authority.server(ServerNames.ofThisMachine(told), now, LIFE);
        } catch (GeneralSecurityException | IOException e) {
            throw new TlsException("a certificate of the server can't be made: " + e.getMessage(), e);
        }
    }
}
