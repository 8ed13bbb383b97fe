package dev.interposer.agent.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which servers are spoken to.
 *
 * @param caFile who signs the certificates of the schedulers; null for plaintext
 * @param plaintext not encrypted although a scheduler is on another machine
 */
public record TrustOptions(@Nullable Path caFile, boolean plaintext) {
    static final String USAGE = """
              --ca-file               trust the schedulers that an authority in this PEM file has signed; without it an
                                      agent speaks plaintext, and with schedulers of its own machine only
              --plaintext             speak plaintext with schedulers of other machines, as behind a tunnel of yours
            """;

    static final TrustOptions DEFAULT = new TrustOptions(null, false);

    TrustOptions with(Path file) {
        return new TrustOptions(file, plaintext);
    }

    TrustOptions withPlaintext() {
        return new TrustOptions(caFile, true);
    }
}
