package dev.interposer.server.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What this server shows of itself.
 *
 * @param chain its own certificate first
 */
record Identity(PrivateKey key, List<X509Certificate> chain) {
    Identity {
        chain = List.copyOf(chain);
    }

    /** Without the private key. */
    @Override
    public String toString() {
        return "identity " + chain.getFirst().getSubjectX500Principal();
    }
}
