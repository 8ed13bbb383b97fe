package dev.interposer.server.tls;

import dev.interposer.control.port.LedgerException;
import dev.interposer.server.config.ServerConfig;
import dev.interposer.server.loop.LedgerAccess;
import dev.interposer.server.security.PeerPasses;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How the port of agents and submission is encrypted. In the home folder {@code ca.pem} says to the clients of this
 * user whom to trust; where it is missing the server speaks plaintext.
 */
@Singleton
public final class ServerTls {
    private static final String CA_FILE = "ca.pem";
    private static final long UPKEEP_MILLIS = 2_000;
    private static final long SWEEP_TURNS = 15;

    private final ServerConfig config;
    private final LedgerAccess access;
    private final SharedAuthorities authorities;
    private final AgentCertificates certificates;
    private @Nullable ScheduledExecutorService upkeep;
    private String published = "";
    private long turns;

    public ServerTls(
            ServerConfig config, LedgerAccess access, SharedAuthorities authorities, AgentCertificates certificates) {
        this.config = config;
        this.access = access;
        this.authorities = authorities;
        this.certificates = certificates;
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
        SharedAuthorities.Signers signers = authorities.open(access.database());
        OwnIdentities identities = new OwnIdentities(
                () -> authorities.now().signing().authority(),
                settings.names().orElse(List.of()),
                InstantSource.system());
        certificates.refresh();
        publish(signers);
        Log.infof(
                "TLS with certificates of %s, which %s holds",
                signers.signing().authority(), config.home().resolve(CA_FILE));
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("authorities").daemon().factory());
        upkeep = executor;
        var future = executor.scheduleWithFixedDelay(this::keepUp, UPKEEP_MILLIS, UPKEEP_MILLIS, TimeUnit.MILLISECONDS);
        if (future.isCancelled()) {
            throw new TlsException("the watch over authorities did not start", null);
        }
        return Optional.of(context(identities));
    }

    /** What other servers, or an operator by way of them, have changed. While the database is away all stays. */
    private void keepUp() {
        try {
            SharedAuthorities.Signers signers = authorities.refresh();
            certificates.refresh();
            publish(signers);
            turns++;
            if (turns % SWEEP_TURNS == 0) {
                certificates.sweep();
                authorities.retire();
            }
        } catch (LedgerException | IOException e) {
            Log.warnf("authorities and revoked certificates stay as they were: %s", e.getMessage());
        } catch (RuntimeException e) {
            Log.error("authorities and revoked certificates stay as they were", e);
        }
    }

    private void publish(SharedAuthorities.Signers signers) throws IOException {
        try {
            String trusted = Pem.write(signers.certificates());
            if (!trusted.equals(published)) {
                publish(trusted);
                published = trusted;
            }
        } catch (GeneralSecurityException e) {
            throw new TlsException("the authorities' certificates can't be written: " + e.getMessage(), e);
        }
    }

    /** Who looks at the certificates that agents show. */
    public PeerPasses peers() {
        return certificates;
    }

    public void close() {
        if (upkeep != null) {
            upkeep.shutdown();
        }
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

    static SslContext context(Identities identities) throws IOException {
        return GrpcSslContexts.configure(SslContextBuilder.forServer(new ServingKeys(identities)), SslProvider.JDK)
                .trustManager(new AnyPeer())
                .clientAuth(ClientAuth.OPTIONAL)
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
