package dev.interposer.server.tls;

import dev.interposer.ledger.jdbc.JdbcAuthorities;
import dev.interposer.ledger.jdbc.StoredAuthority;
import dev.interposer.server.config.ServerConfig;
import dev.interposer.server.loop.LedgerAccess;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.quarkus.logging.Log;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * How the port of agents and submission is encrypted. In the home folder {@code ca.pem} says to the clients of this
 * user whom to trust; where it is missing the server speaks plaintext.
 */
@Singleton
public final class ServerTls {
    private static final String CA_FILE = "ca.pem";

    private final ServerConfig config;
    private final LedgerAccess access;

    public ServerTls(ServerConfig config, LedgerAccess access) {
        this.config = config;
        this.access = access;
    }

    /** For a server that listens there, once the database is open; empty for plaintext. */
    public Optional<SslContext> context(InetAddress address) throws IOException {
        ServerConfig.Tls settings = config.tls();
        boolean plaintextAllowed =
                address.isLoopbackAddress() || config.security().insecure();
        return switch (settings.mode()) {
            case AUTO -> plaintextAllowed ? plaintext() : own(settings);
            case OWN -> own(settings);
            case FILES -> files(settings);
            case PLAINTEXT -> {
                requireAllowed(plaintextAllowed, address);
                yield plaintext();
            }
        };
    }

    private static void requireAllowed(boolean plaintextAllowed, InetAddress address) throws TlsException {
        if (!plaintextAllowed) {
            throw new TlsException(
                    "interposer.tls.mode (plaintext) sends tokens in the clear, and interposer.grpc.host ("
                            + address.getHostAddress() + ") is not loopback. Maybe mode own, or, behind a TLS proxy"
                            + " of yours, interposer.security.insecure=true?",
                    null);
        }
    }

    private Optional<SslContext> plaintext() throws IOException {
        Files.deleteIfExists(config.home().resolve(CA_FILE));
        return Optional.empty();
    }

    private Optional<SslContext> own(ServerConfig.Tls settings) throws IOException {
        Authority authority = sharedAuthority(new JdbcAuthorities(access.database()));
        OwnIdentities identities =
                new OwnIdentities(authority, settings.names().orElse(List.of()), InstantSource.system());
        try {
            publish(Pem.write(List.of(authority.certificate())));
        } catch (GeneralSecurityException e) {
            throw new TlsException("the authority's certificate can't be written: " + e.getMessage(), e);
        }
        Log.infof(
                "TLS with certificates of %s, which %s holds",
                authority, config.home().resolve(CA_FILE));
        return Optional.of(context(identities));
    }

    private Optional<SslContext> files(ServerConfig.Tls settings) throws IOException {
        Path authority = required("ca-file", settings.caFile());
        FileIdentities identities = new FileIdentities(
                required("certificate-file", settings.certificateFile()), required("key-file", settings.keyFile()));
        String trusted = Files.readString(authority);
        try {
            Pem.certificates(trusted);
        } catch (GeneralSecurityException e) {
            throw new TlsException(
                    "interposer.tls.ca-file (" + authority + ") must be certificates as PEM: " + e.getMessage(), e);
        }
        publish(trusted);
        return Optional.of(context(identities));
    }

    private static Path required(String name, Optional<Path> file) throws TlsException {
        return file.orElseThrow(() -> new TlsException(
                "interposer.tls." + name + " is missing, which interposer.tls.mode=files needs", null));
    }

    /** Whoever made it: after the first start it is always the same. */
    static Authority sharedAuthority(JdbcAuthorities authorities) throws TlsException {
        List<StoredAuthority> found = authorities.all();
        if (found.isEmpty()) {
            try {
                authorities.addIfAbsent(
                        Authority.make(1, InstantSource.system().instant()).stored(1));
            } catch (GeneralSecurityException e) {
                throw new TlsException("an authority can't be made: " + e.getMessage(), e);
            }
            found = authorities.all();
        }
        return Authority.read(found.getLast());
    }

    static SslContext context(Identities identities) throws IOException {
        return GrpcSslContexts.configure(SslContextBuilder.forServer(new ServingKeys(identities)), SslProvider.JDK)
                .build();
    }

    /** All at once: a client that reads it meanwhile finds the old or the new one. */
    private void publish(String certificates) throws IOException {
        Files.createDirectories(config.home());
        Path file = config.home().resolve(CA_FILE);
        Path written = Files.createTempFile(config.home(), CA_FILE, "");
        Files.writeString(written, certificates);
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
