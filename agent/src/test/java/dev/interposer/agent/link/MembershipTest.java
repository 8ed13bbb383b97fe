package dev.interposer.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.config.AgentOptions;
import dev.interposer.agent.identity.Identity;
import dev.interposer.agent.identity.IdentityFolder;
import dev.interposer.agent.identity.KeyTool;
import dev.interposer.agent.identity.Pem;
import dev.interposer.agent.runtime.Loop;
import dev.interposer.proto.agent.v1.IssuedCertificate;
import dev.interposer.proto.agent.v1.JoinStatement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import javax.net.ssl.KeyManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When an agent asks for another certificate, and with what. */
class MembershipTest {
    private static final String NODE = "lab/one";
    private static final String JOINED_WITH = "3f9a01c4de";

    @TempDir
    Path folder;

    private final Loop loop = new Loop();
    private final Connections connections = new Connections();
    private final AtomicInteger changes = new AtomicInteger();
    private KeyStore store;
    private FakeJoining scheduler;

    @BeforeEach
    void start() throws Exception {
        make("ca", "-dname", "CN=authority", "-ext", "bc:c=ca:true");
        make("server", "-signer", "ca", "-dname", "CN=server", "-ext", "san=dns:localhost");
        // Given twenty hours ago for a day, and now.
        agent("old", "-20H");
        agent("fresh", "-300S");
        store = KeyTool.open(folder.resolve("store"));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        KeyStore ofServer = KeyStore.getInstance("PKCS12");
        ofServer.load(null, null);
        ofServer.setKeyEntry(
                "server", key("server"), KeyTool.PASSWORD.toCharArray(), store.getCertificateChain("server"));
        keys.init(ofServer, KeyTool.PASSWORD.toCharArray());
        scheduler = new FakeJoining(
                keys,
                IssuedCertificate.newBuilder()
                        .setCertificate(Pem.write(List.of(certificate("fresh"))))
                        .setAuthorities(Pem.write(List.of(certificate("ca"))))
                        .build());
        connections.onChange(changes::incrementAndGet);
    }

    @AfterEach
    void stop() {
        loop.close(() -> {}, 5_000);
        connections.close();
        scheduler.close();
    }

    private void agent(String alias, String begin) throws Exception {
        String san = "san=uri:interposer-node:" + NODE;
        make(alias, "-signer", "ca", "-dname", "CN=agent", "-startdate", begin, "-validity", "1", "-ext", san);
    }

    private void make(String alias, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of("-genkeypair", "-alias", alias, "-keyalg", "EC"));
        words.addAll(List.of(options));
        KeyTool.run(folder.resolve("store"), words.toArray(String[]::new));
    }

    private X509Certificate certificate(String alias) throws Exception {
        return (X509Certificate) store.getCertificate(alias);
    }

    private PrivateKey key(String alias) throws Exception {
        return (PrivateKey) store.getKey(alias, KeyTool.PASSWORD.toCharArray());
    }

    private IdentityFolder state() {
        return new IdentityFolder(folder.resolve("state"));
    }

    private Identity held() throws Exception {
        return Objects.requireNonNull(state().read());
    }

    /** Ticks by itself, with a certificate that was given in the past. */
    private void begin(String alias, String tokenId) throws Exception {
        state().write(new Identity(key(alias), certificate(alias), List.of(certificate("ca")), JOINED_WITH));
        byte[] pin = HexFormat.of().parseHex(PinnedTrust.pinOf(certificate("ca")));
        String token = "itp-" + tokenId + "." + "s".repeat(43) + "."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(pin);
        Path file = Files.writeString(folder.resolve("join-token"), token);
        AgentOptions options = AgentOptions.parse(new String[] {
            "--server",
            scheduler.address(),
            "--state-dir",
            folder.resolve("state").toString(),
            "--nodes",
            "n",
            "--join-file",
            file.toString()
        });
        Membership membership = Membership.of(options, List.of(NODE), loop, connections);
        loop.every(50, membership::tick);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 30 s").isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    @Test
    void aCertificateOfWhichTwoThirdsAreOverIsRenewedWithAnotherKeyAndWithoutAToken() throws Exception {
        begin("old", JOINED_WITH);

        await(() -> changes.get() == 2);
        JoinStatement asked = scheduler.heard().getFirst();
        assertThat(asked.getToken()).isEmpty();
        assertThat(asked.getNodesList()).containsExactly(NODE);
        assertThat(asked.getPublicKey().toByteArray())
                .isNotEqualTo(certificate("old").getPublicKey().getEncoded());
        assertThat(held().certificate()).isEqualTo(certificate("fresh"));
        assertThat(held().key()).isNotEqualTo(key("old"));
        assertThat(held().tokenId()).isEqualTo(JOINED_WITH);
    }

    @Test
    void aFreshOneIsLeftAlone() throws Exception {
        begin("fresh", JOINED_WITH);

        await(() -> changes.get() == 1);
        Thread.sleep(1_000);
        assertThat(scheduler.heard()).isEmpty();
        assertThat(held().key()).isEqualTo(key("fresh"));
    }

    @Test
    void whomAnOperatorRevokedDoesNotTryTheTokenThatItJoinedWith() throws Exception {
        scheduler.refuse("CERTIFICATE_REVOKED");
        begin("old", JOINED_WITH);

        await(() -> !scheduler.heard().isEmpty());
        Thread.sleep(1_000);
        assertThat(scheduler.heard()).extracting(JoinStatement::getToken).containsExactly("");
        assertThat(held().certificate()).isEqualTo(certificate("old"));
    }

    @Test
    void whomAnOperatorRevokedJoinsWithAnotherToken() throws Exception {
        scheduler.refuse("CERTIFICATE_REVOKED");
        begin("old", "77aa88bb99");

        await(() -> scheduler.heard().size() == 2);
        assertThat(scheduler.heard())
                .extracting(JoinStatement::getToken)
                .containsExactly("", "77aa88bb99." + "s".repeat(43));
    }

    @Test
    void whoseCertificateEndedJoinsAgainWithTheTokenThatItHas() throws Exception {
        scheduler.refuse("CERTIFICATE_EXPIRED");
        begin("old", JOINED_WITH);

        await(() -> scheduler.heard().size() == 2);
        assertThat(scheduler.heard().getLast().getToken()).startsWith(JOINED_WITH + ".");
    }
}
