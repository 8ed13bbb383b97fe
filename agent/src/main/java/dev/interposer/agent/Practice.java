package dev.interposer.agent;

import dev.interposer.proto.agent.v1.AgentMessage;
import dev.interposer.proto.agent.v1.AgentServiceGrpc;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.agent.v1.Welcome;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;

/**
 * Lets another process be an agent for some seconds, so that its JVM learns which classes one needs and leaves them
 * linked in a file (AOT cache). That agent has a scheduler, a folder and a name of its own: it is none of the fleet's,
 * and nothing runs there. It speaks TLS, since that is two classes of five, and its metrics are read.
 */
final class Practice extends AgentServiceGrpc.AgentServiceImplBase {
    private static final int HEARTBEAT_MILLIS = 200;
    private static final int HEARTBEATS = 20;
    private static final int AT_WORK_SECONDS = 120;
    private static final int WRITING_SECONDS = 300;
    private static final String PASSWORD = "practice";

    private final CountDownLatch heartbeats = new CountDownLatch(HEARTBEATS);
    private final Path folder;

    private Practice(Path folder) {
        this.folder = folder;
    }

    /** The exit code; {@code arguments}: the command's own name, the file with the JVM's options, the cache's name. */
    static int run(String[] arguments) throws InterruptedException {
        if (arguments.length != 3) {
            System.err.println("interposer-agent: practice needs a file with the JVM's options and the cache's name");
            return 2;
        }
        try {
            Path folder = Files.createTempDirectory("interposer-practice");
            try {
                new Practice(folder).make(Path.of(arguments[1]), Path.of(arguments[2]));
                return 0;
            } finally {
                remove(folder);
            }
        } catch (IOException | GeneralSecurityException e) {
            System.err.println("interposer-agent: " + arguments[2] + " was not made: " + e.getMessage());
            return 1;
        }
    }

    private void make(Path jvmOptions, Path cache) throws IOException, GeneralSecurityException, InterruptedException {
        boolean encrypted = certificate();
        Server server = OkHttpServerBuilder.forPort(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), credentials(encrypted))
                .addService(this)
                .build()
                .start();
        try {
            int metrics = freePort();
            Process agent = agent(jvmOptions, cache, server.getPort(), metrics, encrypted);
            try {
                if (!heartbeats.await(AT_WORK_SECONDS, TimeUnit.SECONDS)) {
                    throw new IOException("the agent that practises did not come: " + said());
                }
                read(metrics, "/metrics");
                read(metrics, "/healthz");
                agent.destroy();
                if (!agent.waitFor(WRITING_SECONDS, TimeUnit.SECONDS) || !Files.exists(cache)) {
                    throw new IOException("the JVM wrote none: " + said());
                }
            } finally {
                agent.destroyForcibly();
            }
        } finally {
            server.shutdownNow();
        }
    }

    private Process agent(Path jvmOptions, Path cache, int port, int metrics, boolean encrypted) throws IOException {
        Path token = Files.writeString(folder.resolve("token"), PASSWORD);
        // What finds chips on this machine is asked, too.
        Path nodes = Files.writeString(folder.resolve("nodes.yaml"), "nodes:\n- local: true\n  name: practice/node\n");
        List<String> command = new ArrayList<>(List.of(
                program("java"),
                "@" + jvmOptions,
                "-XX:AOTCacheOutput=" + cache,
                "-jar",
                Objects.requireNonNull(System.getProperty("java.class.path")),
                "--server",
                "localhost:" + port,
                "--token-file",
                token.toString(),
                "--state-dir",
                folder.resolve("state").toString(),
                "--nodes",
                nodes.toString(),
                "--metrics-listen",
                "127.0.0.1:" + metrics,
                "--root-workers"));
        if (encrypted) {
            command.addAll(List.of("--ca-file", folder.resolve("ca.pem").toString()));
        }
        return start("agent", command);
    }

    /** Whether there is one: without the JDK's tool for it the agent practises in plaintext. */
    private boolean certificate() throws IOException, InterruptedException {
        List<String> tool = List.of(
                program("keytool"), "-keystore", store().toString(), "-storepass", PASSWORD, "-alias", PASSWORD);
        return Files.isExecutable(Path.of(tool.getFirst()))
                && ended(
                        tool,
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost")
                && ended(
                        tool,
                        "-exportcert",
                        "-rfc",
                        "-file",
                        folder.resolve("ca.pem").toString());
    }

    private boolean ended(List<String> tool, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(tool);
        command.addAll(List.of(words));
        Process process = start("keytool", command);
        return process.waitFor(AT_WORK_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
    }

    private ServerCredentials credentials(boolean encrypted) throws IOException, GeneralSecurityException {
        if (!encrypted) {
            return InsecureServerCredentials.create();
        }
        KeyStore keys = KeyStore.getInstance(store().toFile(), PASSWORD.toCharArray());
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD.toCharArray());
        return TlsServerCredentials.newBuilder()
                .keyManager(factory.getKeyManagers())
                .build();
    }

    private Path store() {
        return folder.resolve("keys.p12");
    }

    private Process start(String name, List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log(name).toFile())
                .start();
    }

    private Path log(String name) {
        return folder.resolve(name + ".log");
    }

    private String said() throws IOException {
        return Files.readString(log("agent")).strip();
    }

    private static void read(int port, String path) throws IOException {
        try (InputStream answer =
                URI.create("http://127.0.0.1:" + port + path).toURL().openStream()) {
            if (new String(answer.readAllBytes(), StandardCharsets.UTF_8).isEmpty()) {
                throw new IOException(path + " is empty");
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String program(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Override
    public StreamObserver<AgentMessage> connect(StreamObserver<ServerMessage> stream) {
        return new StreamObserver<>() {
            @Override
            public void onNext(AgentMessage message) {
                if (message.hasHello()) {
                    stream.onNext(ServerMessage.newBuilder()
                            .setEpoch(1)
                            .setIncarnation(1)
                            .setWelcome(Welcome.newBuilder().setHeartbeatMillis(HEARTBEAT_MILLIS))
                            .build());
                } else if (message.hasHeartbeat()) {
                    heartbeats.countDown();
                }
            }

            @Override
            public void onError(Throwable error) {
                // The agent has ended, as it was told to.
            }

            @Override
            public void onCompleted() {
                stream.onCompleted();
            }
        };
    }
}
