package dev.interposer.agent.identity;

import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What an agent shows to schedulers and whom it believes.
 *
 * @param key never leaves the machine
 * @param authorities who signs the certificates of schedulers
 * @param tokenId of the token that it joined with
 */
public record Identity(PrivateKey key, X509Certificate certificate, List<X509Certificate> authorities, String tokenId) {
    /** Before the name of a node in a certificate. */
    private static final String NODE = "interposer-node:";

    private static final int URI = 6;

    /** Clocks of machines differ, so a certificate begins so long before it is given. */
    private static final Duration SKEW = Duration.ofMinutes(5);

    public Identity {
        authorities = List.copyOf(authorities);
    }

    /** For which nodes it speaks. */
    public Set<String> nodes() {
        Set<String> nodes = new LinkedHashSet<>();
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            for (List<?> name : names == null ? List.<List<?>>of() : names) {
                if (name.get(0).equals(URI) && name.get(1) instanceof String said && said.startsWith(NODE)) {
                    nodes.add(said.substring(NODE.length()));
                }
            }
        } catch (CertificateParsingException e) {
            return Set.of();
        }
        return nodes;
    }

    public Instant end() {
        return certificate.getNotAfter().toInstant();
    }

    /** From when it was given. */
    public Duration life() {
        Duration whole = Duration.between(certificate.getNotBefore().toInstant(), end());
        return whole.compareTo(SKEW.multipliedBy(2)) > 0 ? whole.minus(SKEW) : whole.dividedBy(2);
    }

    /** Without the private key. */
    @Override
    public String toString() {
        return "certificate " + certificate.getSerialNumber().toString(16) + " of " + nodes();
    }
}
