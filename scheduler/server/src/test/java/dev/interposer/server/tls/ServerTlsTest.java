package dev.interposer.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client over a real socket believes the servers of its installation, and no other. */
class ServerTlsTest {
    private final Instant now = Instant.now();

    private final List<Server> servers = new ArrayList<>();

    @TempDir
    Path folder;

    @AfterEach
    void stopServers() {
        servers.forEach(Server::shutdownNow);
    }

    private int serve(Identities identities) throws IOException {
        Server server = NettyServerBuilder.forPort(0)
                .sslContext(ServerTls.context(identities))
                .addService(new HealthStatusManager().getHealthService())
                .build()
                .start();
        servers.add(server);
        return server.getPort();
    }

    private static void call(String host, int port, Authority trusted) throws GeneralSecurityException, IOException {
        String pem = Pem.write(List.of(trusted.certificate()));
        ManagedChannel channel = OkHttpChannelBuilder.forTarget(
                        host + ":" + port,
                        TlsChannelCredentials.newBuilder()
                                .trustManager(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
                                .build())
                .build();
        try {
            HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .check(HealthCheckRequest.getDefaultInstance());
        } finally {
            channel.shutdownNow();
        }
    }

    private static String refusal(String host, int port, Authority trusted) {
        StatusRuntimeException refused =
                catchThrowableOfType(StatusRuntimeException.class, () -> call(host, port, trusted));
        assertThat(refused).as("the server was believed").isNotNull();
        return String.valueOf(refused.getStatus().getCause());
    }

    private void write(Identity identity, String name) throws IOException, GeneralSecurityException {
        Files.writeString(folder.resolve(name + ".pem"), Pem.write(identity.chain()));
        Files.writeString(folder.resolve(name + ".key"), Pem.write(identity.key()));
    }

    @Test
    void theOwnAuthoritysServerIsBelievedAndAnotherInstallationsIsNot() throws Exception {
        Authority ours = Authority.make(1, now);
        int port = serve(new OwnIdentities(() -> ours, List.of(), () -> now));

        call("localhost", port, ours);
        call("127.0.0.1", port, ours);
        assertThat(refusal("localhost", port, Authority.make(1, now))).contains("SSLHandshakeException");
    }

    @Test
    void anAuthorityThatComesBackFromTheDatabaseSignsForThoseWhoTrustedItBefore() throws Exception {
        Authority made = Authority.make(1, now);
        Authority restarted = Authority.read(made.stored(1));
        int port = serve(new OwnIdentities(() -> restarted, List.of(), () -> now));

        call("localhost", port, made);
    }

    @Test
    void aServerUnderAnotherNameThanItsCertificateSaysIsNotBelieved() throws Exception {
        Authority ours = Authority.make(1, now);
        Identity elsewhere =
                ours.server(new ServerNames(Set.of("elsewhere.example"), Set.of()), now, Duration.ofDays(1));
        int port = serve(() -> elsewhere);

        assertThat(refusal("localhost", port, ours)).containsIgnoringCase("localhost");
    }

    @Test
    void aServerWhoseCertificateHasExpiredIsNotBelieved() throws Exception {
        Authority ours = Authority.make(1, now.minus(Duration.ofDays(100)));
        Identity old =
                ours.server(ServerNames.ofThisMachine(List.of()), now.minus(Duration.ofDays(2)), Duration.ofDays(1));
        int port = serve(() -> old);

        assertThat(refusal("localhost", port, ours)).contains("SSLHandshakeException");
    }

    @Test
    void theOwnCertificateIsAnotherAfterTwoThirdsOfItsLifeAndIsBelievedAsBefore() throws Exception {
        Authority ours = Authority.make(1, now.minus(Duration.ofDays(40)));
        AtomicReference<Instant> clock = new AtomicReference<>(now.minus(Duration.ofDays(20)));
        OwnIdentities identities = new OwnIdentities(() -> ours, List.of(), clock::get);
        X509Certificate first = identities.current().chain().getFirst();
        int port = serve(identities);
        call("localhost", port, ours);
        assertThat(identities.current().chain().getFirst()).isEqualTo(first);

        clock.set(now.plusSeconds(60));

        call("localhost", port, ours);
        X509Certificate second = identities.current().chain().getFirst();
        assertThat(second.getPublicKey()).isNotEqualTo(first.getPublicKey());
        assertThat(second.getNotAfter()).isAfter(first.getNotAfter());
    }

    @Test
    void filesThatChangeAreTakenInWhileTheServerRuns() throws Exception {
        ServerNames names = ServerNames.ofThisMachine(List.of());
        Authority before = Authority.make(1, now);
        Authority after = Authority.make(2, now);
        write(before.server(names, now, Duration.ofDays(1)), "server");
        FileIdentities identities = new FileIdentities(folder.resolve("server.pem"), folder.resolve("server.key"));
        int port = serve(identities);
        call("localhost", port, before);

        Identity next = after.server(names, now, Duration.ofDays(1));
        Files.writeString(folder.resolve("server.pem"), Pem.write(next.chain()));
        Files.setLastModifiedTime(folder.resolve("server.pem"), FileTime.from(now.plusSeconds(5)));
        // The key is still the old one: the old pair goes on.
        call("localhost", port, before);

        Files.writeString(folder.resolve("server.key"), Pem.write(next.key()));
        Files.setLastModifiedTime(folder.resolve("server.key"), FileTime.from(now.plusSeconds(5)));
        call("localhost", port, after);
        assertThat(refusal("localhost", port, before)).contains("SSLHandshakeException");
    }

    @Test
    void aKeyOfAnotherCertificateIsRefusedAtStart() throws Exception {
        ServerNames names = ServerNames.ofThisMachine(List.of());
        Authority ours = Authority.make(1, now);
        write(ours.server(names, now, Duration.ofDays(1)), "one");
        write(ours.server(names, now, Duration.ofDays(1)), "two");

        TlsException refused = catchThrowableOfType(
                TlsException.class, () -> new FileIdentities(folder.resolve("one.pem"), folder.resolve("two.key")));
        assertThat(refused).hasMessageContaining("belong together").hasMessageContaining("two.key");
    }
}
