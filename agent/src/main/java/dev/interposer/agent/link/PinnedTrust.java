package dev.interposer.agent.link;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Believes servers that an authority has signed which is known by the SHA-256 of its public key alone: sixty-four
 * characters that fit into a script where a file would have to be copied.
 *
 * @param pins of the public keys as certificates hold them; one suffices
 * @param source who said them, for the error
 */
record PinnedTrust(List<String> pins, String source) implements X509TrustManager {
    PinnedTrust {
        pins = List.copyOf(pins);
    }

    PinnedTrust(String pin) {
        this(List.of(pin), "--ca-pin sha256:" + pin);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        for (X509Certificate certificate : chain) {
            if (pins.contains(pinOf(certificate))) {
                anchoredAt(certificate).checkServerTrusted(chain, authType);
                return;
            }
        }
        throw new CertificateException("none of the server's certificates has the key of " + source
                + "; its authority has sha256:" + pinOf(chain[chain.length - 1])
                + ". Maybe another server answers here, or the pin is of another installation?");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("an agent serves nobody");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    static String pinOf(X509Certificate certificate) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(certificate.getPublicKey().getEncoded());
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** That the key is there proves nothing: whoever answers must have been signed by it. */
    private X509TrustManager anchoredAt(X509Certificate authority) throws CertificateException {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry("authority", authority);
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager found) {
                    return found;
                }
            }
            throw new CertificateException("this Java platform checks no certificates");
        } catch (IOException | GeneralSecurityException e) {
            throw new CertificateException("the authority of " + source + " can't be used: " + e, e);
        }
    }
}
