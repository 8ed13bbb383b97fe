package dev.interposer.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interposer.server.config.ServerConfig;
import dev.interposer.server.config.Settings;
import dev.interposer.server.loop.LedgerAccess;
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
import java.net.InetAddress;
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
import java.util.Optional;
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

    private ServerTls configured(String... settings) {
        List<String> all = new ArrayList<>(List.of("home=" + folder));
        all.addAll(List.of(settings));
        ServerConfig config = Settings.of(all.toArray(String[]::new));
        LedgerAccess access = new LedgerAccess(config, "test");
        SharedAuthorities authorities = new SharedAuthorities();
        return new ServerTls(config, access, authorities, new AgentCertificates(config, access, authorities));
    }

    @Test
    void plaintextBeyondLoopbackIsRefusedWithWhatToDo() throws Exception {
        ServerTls tls = configured("tls.mode=plaintext");
        assertThat(tls.context(InetAddress.getLoopbackAddress())).isEmpty();

        for (String address : List.of("0.0.0.0", "192.0.2.1", "2001:db8::1")) {
            TlsException refused =
                    catchThrowableOfType(TlsException.class, () -> tls.context(InetAddress.getByName(address)));
            assertThat(refused)
                    .as(address)
                    .hasMessageContaining("interposer.tls.mode (plaintext) sends tokens in the clear")
                    .hasMessageContaining(InetAddress.getByName(address).getHostAddress() + ") is not loopback")
                    .hasMessageContaining("Maybe mode own")
                    .hasMessageContaining("interposer.security.insecure=true");
        }
    }

    @Test
    void whoeverSaysThatItIsInsecureGetsPlaintextAndNoCopyOfAnAuthorityStays() throws Exception {
        Files.writeString(folder.resolve("ca.pem"), "of before");
        InetAddress everywhere = InetAddress.getByName("0.0.0.0");

        assertThat(configured("security.insecure=true").context(everywhere)).isEqualTo(Optional.empty());
        assertThat(folder.resolve("ca.pem")).doesNotExist();
        assertThat(configured("security.insecure=true", "tls.mode=plaintext").context(everywhere))
                .isEqualTo(Optional.empty());
    }

    @Test
    void ofFilesThatAreNotGivenTheSettingIsNamedAndOfOnesThatAreNoneTheFile() throws Exception {
        write(Authority.make(1, now).server(ServerNames.ofThisMachine(List.of()), now, Duration.ofDays(1)), "server");
        String certificate = "tls.certificate-file=" + folder.resolve("server.pem");
        String key = "tls.key-file=" + folder.resolve("server.key");
        String authority = "tls.ca-file=" + folder.resolve("server.pem");

        assertThat(filesRefused(certificate, key)).contains("interposer.tls.ca-file is missing");
        assertThat(filesRefused(certificate, authority)).contains("interposer.tls.key-file is missing");
        assertThat(filesRefused(key, authority)).contains("interposer.tls.certificate-file is missing");
        assertThat(filesRefused(certificate, key, "tls.ca-file=" + folder.resolve("server.key")))
                .contains("interposer.tls.ca-file (" + folder.resolve("server.key") + ") must be certificates as PEM");
        assertThat(configured("tls.mode=files", certificate, key, authority).context(InetAddress.getLoopbackAddress()))
                .isPresent();
        assertThat(folder.resolve("ca.pem")).hasSameTextualContentAs(folder.resolve("server.pem"));
    }

    private String filesRefused(String... settings) {
        List<String> all = new ArrayList<>(List.of("tls.mode=files"));
        all.addAll(List.of(settings));
        TlsException refused = catchThrowableOfType(
                TlsException.class,
                () -> configured(all.toArray(String[]::new)).context(InetAddress.getLoopbackAddress()));
        assertThat(refused).as(String.join(" ", settings)).isNotNull();
        return String.valueOf(refused.getMessage());
    }
}
