package dev.interposer.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interposer.agent.config.AgentOptions;
import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.config.TrustOptions;
import dev.interposer.agent.identity.KeyTool;
import dev.interposer.proto.agent.v1.AgentMessage;
import dev.interposer.proto.agent.v1.AgentServiceGrpc;
import dev.interposer.proto.agent.v1.ServerMessage;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent over a real socket speaks with servers of its pin, and with no other. */
class PinnedTrustTest {
    private final List<Server> servers = new ArrayList<>();

    @TempDir
    Path folder;

    @AfterEach
    void stopServers() {
        servers.forEach(Server::shutdownNow);
    }

    private void keytool(String store, String... words) throws IOException, InterruptedException {
        KeyTool.run(folder.resolve(store), words);
    }

    private void makeAuthority(String store) throws IOException, InterruptedException {
        keytool(store, "-genkeypair", "-alias", "ca", "-keyalg", "EC", "-dname", "CN=" + store, "-ext", "bc:c=ca:true");
    }

    /** The store of a server gets a certificate of the authority; its chain holds both. */
    private void makeServer(String authority, String store, String name) throws IOException, InterruptedException {
        String request = folder.resolve(store + ".csr").toString();
        String signed = folder.resolve(store + ".pem").toString();
        String root = folder.resolve(store + ".root").toString();
        keytool(store, "-genkeypair", "-alias", "server", "-keyalg", "EC", "-dname", "CN=server");
        keytool(store, "-certreq", "-alias", "server", "-file", request);
        keytool(
                authority,
                "-gencert",
                "-alias",
                "ca",
                "-infile",
                request,
                "-outfile",
                signed,
                "-rfc",
                "-ext",
                "san=dns:" + name);
        keytool(authority, "-exportcert", "-alias", "ca", "-file", root, "-rfc");
        keytool(store, "-importcert", "-alias", "root", "-file", root, "-noprompt");
        keytool(store, "-importcert", "-alias", "server", "-file", signed, "-noprompt");
    }

    private KeyStore store(String name) throws IOException, GeneralSecurityException {
        return KeyTool.open(folder.resolve(name));
    }

    private String pin(String authority) throws IOException, GeneralSecurityException {
        return PinnedTrust.pinOf((X509Certificate) store(authority).getCertificate("ca"));
    }

    private int serve(String store) throws IOException, GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store(store), KeyTool.PASSWORD.toCharArray());
        Server server = OkHttpServerBuilder.forPort(
                        new InetSocketAddress("localhost", 0),
                        TlsServerCredentials.newBuilder()
                                .keyManager(keys.getKeyManagers())
                                .build())
                .addService(new Greeting())
                .build()
                .start();
        servers.add(server);
        return server.getPort();
    }

    /** Welcomes whoever comes through. */
    private static final class Greeting extends AgentServiceGrpc.AgentServiceImplBase {
        @Override
        public StreamObserver<AgentMessage> connect(StreamObserver<ServerMessage> out) {
            out.onNext(ServerMessage.newBuilder().setEpoch(7).build());
            out.onCompleted();
            return new Ignored();
        }
    }

    /** Nothing is read of an agent here. */
    private static final class Ignored implements StreamObserver<AgentMessage> {
        @Override
        public void onNext(AgentMessage message) {}

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {}
    }

    /** OK when the server's first message came; else why not. */
    private static Status connect(int port, String pin) throws Exception {
        String server = "localhost:" + port;
        TrustOptions trust = AgentOptions.parse(new String[] {
                    "--server",
                    server,
                    "--token-file",
                    "t",
                    "--state-dir",
                    "s",
                    "--nodes",
                    "n",
                    "--ca-pin",
                    "sha256:" + pin
                })
                .trust();
        ManagedChannel channel =
                OkHttpChannelBuilder.forTarget(server, Trust.in(server, trust)).build();
        CompletableFuture<Status> said = new CompletableFuture<>();
        try {
            AgentServiceGrpc.newStub(channel).connect(new StreamObserver<>() {
                @Override
                public void onNext(ServerMessage message) {
                    said.complete(Status.OK);
                }

                @Override
                public void onError(Throwable error) {
                    said.complete(Status.fromThrowable(error));
                }

                @Override
                public void onCompleted() {
                    said.complete(Status.UNKNOWN);
                }
            });
            return said.get(20, TimeUnit.SECONDS);
        } finally {
            channel.shutdownNow();
        }
    }

    private static String refusal(int port, String pin) throws Exception {
        Status status = connect(port, pin);
        assertThat(status.getCode()).as("the server was believed").isEqualTo(Status.Code.UNAVAILABLE);
        return String.valueOf(status.getCause());
    }

    @Test
    void theServerOfThePinIsBelievedAndAnotherInstallationsIsToldApart() throws Exception {
        makeAuthority("ours");
        makeAuthority("theirs");
        makeServer("ours", "server", "localhost");
        int port = serve("server");

        assertThat(connect(port, pin("ours")).getCode()).isEqualTo(Status.Code.OK);
        assertThat(refusal(port, pin("theirs")))
                .contains("--ca-pin sha256:" + pin("theirs"), "its authority has sha256:" + pin("ours"));
    }

    @Test
    void aServerUnderAnotherNameIsNotBelievedAlthoughThePinFits() throws Exception {
        makeAuthority("ours");
        makeServer("ours", "server", "elsewhere.example");

        assertThat(refusal(serve("server"), pin("ours"))).contains("localhost");
    }

    /** The certificate of the authority is no secret, so anybody can put it behind one of his own. */
    @Test
    void whoShowsTheAuthorityWithoutHavingBeenSignedByItIsNotBelieved() throws Exception {
        makeAuthority("ours");
        makeAuthority("theirs");
        makeServer("theirs", "forged", "localhost");
        KeyStore forged = store("forged");
        KeyStore.PasswordProtection password = new KeyStore.PasswordProtection(KeyTool.PASSWORD.toCharArray());
        KeyStore.PrivateKeyEntry entry = (KeyStore.PrivateKeyEntry) forged.getEntry("server", password);
        X509Certificate[] chain = {
            (X509Certificate) entry.getCertificate(),
            (X509Certificate) store("ours").getCertificate("ca")
        };

        assertThat(catchThrowableOfType(
                        java.security.cert.CertificateException.class,
                        () -> new PinnedTrust(pin("ours")).checkServerTrusted(chain, "ECDHE_ECDSA")))
                .isNotNull();
    }

    @Test
    void aPinThatIsNoneIsRefusedByName() {
        ConfigException refused = catchThrowableOfType(ConfigException.class, () -> connect(1, "abc"));

        assertThat(refused).hasMessageContaining("--ca-pin (sha256:abc) must be sha256: and 64 digits");
    }
}
