package dev.interposer.server.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows the identity of now in each handshake. A handshake asks for the alias first and for what belongs to it later,
 * so the one before is kept for those that were under way.
 */
final class ServingKeys extends X509ExtendedKeyManager {
    private final Identities identities;
    private Shown shown;

    /** The newest, under its number, and the one before. */
    private record Shown(int number, Identity newest, Identity before) {
        private Identity of(String alias) {
            return alias.equals(Integer.toString(number)) ? newest : before;
        }
    }

    ServingKeys(Identities identities) {
        this.identities = identities;
        Identity first = identities.current();
        this.shown = new Shown(1, first, first);
    }

    @Override
    public synchronized @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        Identity now = identities.current();
        if (!now.equals(shown.newest)) {
            shown = new Shown(shown.number + 1, now, shown.newest);
        }
        String algorithm = now.key().getAlgorithm();
        return keyType.startsWith(algorithm) ? Integer.toString(shown.number) : null;
    }

    @Override
    public synchronized X509Certificate[] getCertificateChain(String alias) {
        return shown.of(alias).chain().toArray(new X509Certificate[0]);
    }

    @Override
    public synchronized PrivateKey getPrivateKey(String alias) {
        return shown.of(alias).key();
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return chooseEngineServerAlias(keyType, issuers, null);
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        String alias = chooseEngineServerAlias(keyType, issuers, null);
        return alias == null ? new String[0] : new String[] {alias};
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[0];
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
