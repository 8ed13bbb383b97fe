package dev.interposer.ledger.jdbc;

import java.time.Instant;
import java.util.List;

/**
 * A certificate of an agent as the database keeps it.
 *
 * @param serial in hexadecimal digits
 * @param authority number of who signed it
 * @param keyDigest SHA-256 of the public key, in hexadecimal digits
 * @param nodes that it speaks for, in order
 */
public record StoredCertificate(String serial, int authority, String keyDigest, List<String> nodes, Instant expiresAt) {
    public StoredCertificate {
        nodes = nodes.stream().sorted().toList();
    }
}
