package dev.interposer.server.tls;

import dev.interposer.ledger.jdbc.JdbcAuthorities.Listed;
import dev.interposer.ledger.jdbc.JdbcCertificates;
import dev.interposer.ledger.jdbc.JdbcJoinTokens;
import dev.interposer.ledger.jdbc.StoredToken;
import dev.interposer.server.config.ServerConfig;
import dev.interposer.server.loop.LedgerAccess;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Replaces who signs, and tells how far that is. */
@Singleton
public final class Rotation {
    private final ServerConfig config;
    private final LedgerAccess access;
    private final SharedAuthorities authorities;

    public Rotation(ServerConfig config, LedgerAccess access, SharedAuthorities authorities) {
        this.config = config;
        this.access = access;
        this.authorities = authorities;
    }

    /** Where in its life an authority is. */
    public enum Stage {
        /** Trusted, and signs later. */
        NEXT,
        SIGNING,
        /** Trusted until all that it signed has run out. */
        FORMER
    }

    /**
     * An authority for people.
     *
     * @param pin SHA-256 of its public key, in hexadecimal digits
     * @param certificates so many of agents that are good now are by it
     */
    public record Shown(int number, Stage stage, Instant signsFrom, String pin, int certificates) {}

    /**
     * A rotation that has begun.
     *
     * @param uselessTokens ids of tokens that could be used for longer than the authority signs that they name
     */
    public record Begun(Shown successor, List<String> uselessTokens) {
        public Begun {
            uselessTokens = List.copyOf(uselessTokens);
        }
    }

    public Begun begin() throws TlsException {
        Listed successor = authorities.rotate(config.tls().agentCertificateLife());
        List<String> useless = new JdbcJoinTokens(access.database())
                .all().stream()
                        .filter(token -> token.state() == StoredToken.State.USABLE)
                        .filter(token -> token.expiresAt().isAfter(successor.signsFrom()))
                        .map(StoredToken::id)
                        .toList();
        return new Begun(shown(successor, Stage.NEXT, 0), useless);
    }

    /** In the order of their numbers. */
    public List<Shown> authorities() throws TlsException {
        List<Listed> all = authorities.all();
        Map<Integer, Integer> counts = new JdbcCertificates(access.database()).countByAuthority();
        int signing = all.stream()
                .filter(Listed::begun)
                .mapToInt(one -> one.authority().number())
                .max()
                .orElse(0);
        List<Shown> shown = new ArrayList<>();
        for (Listed one : all) {
            int number = one.authority().number();
            Stage stage = !one.begun() ? Stage.NEXT : number == signing ? Stage.SIGNING : Stage.FORMER;
            shown.add(shown(one, stage, counts.getOrDefault(number, 0)));
        }
        return shown;
    }

    private static Shown shown(Listed one, Stage stage, int certificates) throws TlsException {
        Authority read = Authority.read(one.authority());
        String pin = Digest.hex(read.certificate().getPublicKey().getEncoded());
        return new Shown(one.authority().number(), stage, one.signsFrom(), pin, certificates);
    }
}
