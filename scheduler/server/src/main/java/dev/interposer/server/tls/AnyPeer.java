package dev.interposer.server.tls;

import java.net.Socket;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Lets every handshake through. A certificate opens nothing by being shown: {@link AgentCertificates} looks at it for
 * each call, and answers in words what an agent whose certificate has ended could not read out of an alert.
 */
final class AnyPeer extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
        // Looked at for each call.
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket) {
        // Looked at for each call.
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine) {
        // Looked at for each call.
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {
        throw new UnsupportedOperationException("a server believes no other server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket) {
        throw new UnsupportedOperationException("a server believes no other server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine) {
        throw new UnsupportedOperationException("a server believes no other server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        // None are named, so that an agent shows the certificate that it has.
        return new X509Certificate[0];
    }
}
