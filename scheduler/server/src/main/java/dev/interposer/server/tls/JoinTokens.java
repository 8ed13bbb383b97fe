package dev.interposer.server.tls;

import dev.interposer.ledger.jdbc.JdbcCertificates;
import dev.interposer.ledger.jdbc.JdbcJoinTokens;
import dev.interposer.ledger.jdbc.JdbcJoinTokens.NewToken;
import dev.interposer.ledger.jdbc.StoredToken;
import dev.interposer.server.loop.LedgerAccess;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * With what agents join: {@code itp-ID.SECRET.PIN}, the pins being the SHA-256 of the public keys of who signs now and
 * who does next. So an agent that knows nothing else tells this installation from any other.
 */
@Singleton
public final class JoinTokens {
    private static final String PREFIX = "itp-";
    private static final int ID_BYTES = 5;
    private static final int SECRET_BYTES = 32;

    private final LedgerAccess access;
    private final SharedAuthorities authorities;
    private final SecureRandom random = new SecureRandom();

    public JoinTokens(LedgerAccess access, SharedAuthorities authorities) {
        this.access = access;
        this.authorities = authorities;
    }

    /** @param text the token itself, which nobody can say again */
    public record Made(String text, StoredToken shown) {}

    /** What is asked for, checked by whoever asks. */
    public record Terms(Duration life, int uses, String nodePattern, String madeBy) {}

    public Made create(Terms terms) throws TlsException {
        List<X509Certificate> lasting = authorities.refresh().lasting();
        byte[] name = new byte[ID_BYTES];
        random.nextBytes(name);
        String id = HexFormat.of().formatHex(name);
        byte[] hidden = new byte[SECRET_BYTES];
        random.nextBytes(hidden);
        String secret = text(hidden);
        table().add(
                        new NewToken(id, Digest.hex(secret), terms.nodePattern(), terms.uses(), terms.madeBy()),
                        terms.life());
        String pins = lasting.stream()
                .map(certificate -> text(Digest.of(certificate.getPublicKey().getEncoded())))
                .collect(Collectors.joining("."));
        StoredToken shown = Objects.requireNonNull(table().find(id, Digest.hex(secret)));
        return new Made(PREFIX + id + "." + secret + "." + pins, shown);
    }

    /** The last made first. */
    public List<StoredToken> all() {
        authorities.now();
        return table().all();
    }

    /** False when there is none of that id. */
    public boolean revoke(String id) {
        authorities.now();
        return table().revoke(id);
    }

    /** Refuses the certificates of those who joined with it; how many that are. */
    public int revokeCertificates(String id) {
        return new JdbcCertificates(access.database()).revokeToken(id);
    }

    /** Refuses the certificates that speak for a node; how many that are. */
    public int revokeNode(String node) {
        return new JdbcCertificates(access.database()).revokeNode(node);
    }

    /** Of a whole token or an id. */
    public static String id(String said) {
        String rest = said.startsWith(PREFIX) ? said.substring(PREFIX.length()) : said;
        int dot = rest.indexOf('.');
        return dot < 0 ? rest : rest.substring(0, dot);
    }

    /** Whether a name is one of a pattern, in which {@code *} stands for any characters but the slash. */
    public static boolean allows(String pattern, String node) {
        if (pattern.isEmpty()) {
            return true;
        }
        String expression =
                Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining("[^/]*"));
        return Pattern.matches(expression, node);
    }

    private JdbcJoinTokens table() {
        return new JdbcJoinTokens(access.database());
    }

    private static String text(byte[] content) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(content);
    }
}
