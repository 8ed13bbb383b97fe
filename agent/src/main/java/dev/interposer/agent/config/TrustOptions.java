package dev.interposer.agent.config;

import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which servers are spoken to.
 *
 * @param caFile who signs the certificates of the schedulers; null for plaintext
 * @param caPin SHA-256 of the public key of who signs them, in hexadecimal digits; null for another way
 * @param plaintext not encrypted although a scheduler is on another machine
 */
public record TrustOptions(@Nullable Path caFile, @Nullable String caPin, boolean plaintext) {
    static final String USAGE = """
              --ca-file               trust the schedulers that an authority in this PEM file has signed; without it an
                                      agent speaks plaintext, and with schedulers of its own machine only
              --ca-pin                trust those of the authority whose public key has this SHA-256, of 64 digits
              --plaintext             speak plaintext with schedulers of other machines, as behind a tunnel of yours
            """;

    private static final Pattern PIN = Pattern.compile("sha256:[0-9a-fA-F]{64}");
    static final TrustOptions DEFAULT = new TrustOptions(null, null, false);

    TrustOptions with(Path file) {
        return new TrustOptions(file, caPin, plaintext);
    }

    TrustOptions withPin(String said) throws ConfigException {
        if (!PIN.matcher(said).matches()) {
            throw new ConfigException(
                    "--ca-pin (" + said + ") must be sha256: and 64 digits, as docs/SECURITY.md shows");
        }
        return new TrustOptions(caFile, said.substring(said.indexOf(':') + 1).toLowerCase(Locale.ROOT), plaintext);
    }

    TrustOptions withPlaintext() {
        return new TrustOptions(caFile, caPin, true);
    }
}
