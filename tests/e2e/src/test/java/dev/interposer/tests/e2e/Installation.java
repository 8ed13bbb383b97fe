package dev.interposer.tests.e2e;

import dev.interposer.proto.fleet.v1.FleetServiceGrpc;
import dev.interposer.proto.fleet.v1.StatusRequest;
import dev.interposer.proto.job.v1.JobServiceGrpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server with its embedded PostgreSQL and an agent, as real processes in a folder of their own. */
final class Installation implements AutoCloseable {
    private final Path root = root();
    private final Path home;
    private final int port = freePort();
    private final int httpPort = freePort();
    private final List<Process> all = new ArrayList<>();
    private final ManagedChannel channel;
    private Process server;

    Installation() throws IOException {
        home = Files.createTempDirectory("interposer-e2e");
        channel = OkHttpChannelBuilder.forTarget("127.0.0.1:" + port, InsecureChannelCredentials.create())
                .build();
        server = startServer();
    }

    /** Answer of the read side to a token; empty for none. */
    HttpResponse<String> get(String path, String token) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + path));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    Path home() {
        return home;
    }

    Path example(String name) {
        return root.resolve("examples").resolve(name);
    }

    Process server() {
        return server;
    }

    void restartServer() throws IOException {
        server = startServer();
    }

    private Process startServer() throws IOException {
        return start(
                "server",
                List.of(
                        java(),
                        "@" + root.resolve("scheduler/server/server.jvmoptions"),
                        "-Dinterposer.home=" + home,
                        "-Dinterposer.grpc.port=" + port,
                        "-Dinterposer.lease.duration=2s",
                        "-Dinterposer.lease.margin=500ms",
                        "-Dinterposer.agents.heartbeat=200ms",
                        "-Dinterposer.agents.lost-after=3s",
                        "-Dquarkus.http.port=" + httpPort,
                        "-jar",
                        root.resolve("scheduler/server/target/quarkus-app/quarkus-run.jar")
                                .toString()));
    }

    Process startAgent(String name, Path nodes) throws IOException {
        return start(
                "agent-" + name,
                List.of(
                        java(),
                        "@" + root.resolve("agent/agent.jvmoptions"),
                        "-jar",
                        root.resolve("agent/target/interposer-agent.jar").toString(),
                        "--server",
                        "127.0.0.1:" + port,
                        "--token-file",
                        home.resolve("agent-token").toString(),
                        "--state-dir",
                        home.resolve("agents").toString(),
                        "--nodes",
                        nodes.toString()));
    }

    /** Journals of all nodes of all agents. */
    List<Path> journals() throws IOException {
        try (var files = Files.walk(home.resolve("agents"))) {
            return files.filter(file -> file.getFileName().toString().equals("journal"))
                    .toList();
        }
    }

    JobServiceGrpc.JobServiceBlockingStub jobs() throws IOException {
        return JobServiceGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers("token")))
                .withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    FleetServiceGrpc.FleetServiceBlockingStub fleet() throws IOException {
        return FleetServiceGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers("token")))
                .withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    ManagedChannel channel() {
        return channel;
    }

    Metadata headers(String tokenFile) throws IOException {
        Metadata headers = new Metadata();
        headers.put(
                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
                "Bearer " + Files.readString(home.resolve(tokenFile)).strip());
        return headers;
    }

    void awaitLeader() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (System.nanoTime() < deadline) {
            try {
                if (Files.exists(home.resolve("token"))
                        && fleet().status(StatusRequest.getDefaultInstance())
                                .getRole()
                                .equals("Leader")) {
                    return;
                }
            } catch (StatusRuntimeException e) {
                channel.resetConnectBackoff();
            }
            Thread.sleep(50);
        }
        throw new AssertionError("no leader in 60 s; see " + home);
    }

    void awaitNodes(int nodes) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (fleet().status(StatusRequest.getDefaultInstance()).getNodesReady() < nodes) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("fewer than " + nodes + " nodes in 30 s; see " + home);
            }
            Thread.sleep(50);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        for (Process process : all.reversed()) {
            process.destroy();
            process.onExit().completeOnTimeout(process, 20, TimeUnit.SECONDS).join();
            process.destroyForcibly();
        }
    }

    private Process start(String name, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        home.resolve(name + ".log").toFile()))
                .start();
        all.add(process);
        return process;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException("no free port", e);
        }
    }

    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("mvnw"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException("no folder above holds mvnw");
        }
        return folder;
    }
}
