package dev.interposer.cli.up;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.cli.client.ServerOptions;
import dev.interposer.proto.fleet.v1.ApplyRequest;
import dev.interposer.proto.fleet.v1.StatusRequest;
import dev.interposer.proto.fleet.v1.StatusResponse;
import io.grpc.StatusRuntimeException;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code up}: everything on this machine, until Ctrl-C. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        description = "Start PostgreSQL, the server, an agent for this machine and simulated nodes of three suppliers.",
        footer = {"", "Ctrl-C ends all of it. What was submitted is kept in ~/.interposer and found again."})
public final class UpCommand implements Callable<Integer> {
    private static final long PATIENCE_SECONDS = 120;
    private static final List<String> SAMPLES =
            List.of("examples/suppliers.yaml", "examples/classes.yaml", "examples/queues.yaml");

    @Option(names = "--fleet", paramLabel = "FILE", description = "Simulated nodes; default: examples/fleet.yaml.")
    private @Nullable Path fleet;

    @Option(names = "--no-simulate", description = "Start no simulated nodes.")
    private boolean noSimulate;

    @Option(
            names = "--port",
            defaultValue = "7070",
            description = "Port of agents and submission; default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--http-port",
            defaultValue = "7080",
            description = "Port of REST, health and metrics; default: ${DEFAULT-VALUE}.")
    private int httpPort;

    @Option(
            names = "--jdbc-url",
            paramLabel = "URL",
            description = "A PostgreSQL of yours in place of the embedded one.")
    private @Nullable String jdbcUrl;

    @Spec
    private CommandSpec spec;

    private final Installation installation = new Installation();
    private final List<Child> children = new ArrayList<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final long begun = System.nanoTime();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path home = Files.createDirectories(ServerOptions.home().toAbsolutePath());
        try (FileChannel channel =
                        FileChannel.open(home.resolve("up.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                throw new CliException(
                        CliException.USAGE,
                        "it runs already, as process "
                                + Files.readString(home.resolve("up.pid")).strip()
                                + ". Maybe `interposer down` first?");
            }
            Files.writeString(home.resolve("up.pid"), ProcessHandle.current().pid() + "\n");
            Runtime.getRuntime().addShutdownHook(new Thread(this::stopAll));
            startAll(home);
            return awaitEnd();
        }
    }

    private void startAll(Path home) throws IOException, InterruptedException {
        Path logs = Files.createDirectories(home.resolve("logs"));
        List<String> settings =
                new ArrayList<>(List.of("-Dinterposer.grpc.port=" + port, "-Dquarkus.http.port=" + httpPort));
        if (jdbcUrl != null) {
            settings.add("-Dinterposer.ledger.jdbc-url=" + jdbcUrl);
        }
        Child server = start("server", installation.server(home, settings), logs);
        String address = "127.0.0.1:" + port;
        StatusResponse status = awaitLeader(server, home, address);
        say("server leads in epoch " + status.getEpoch() + " at " + address + ", revision "
                + status.getDurableRevision());
        applySamples(home, address);
        agent("local", installation.file("examples/local.yaml"), home, address, logs);
        if (!noSimulate) {
            agent("simulated", fleet == null ? installation.file("examples/fleet.yaml") : fleet, home, address, logs);
        }
        awaitNodes(home, address);
        next(home);
    }

    private void applySamples(Path home, String address) throws IOException {
        try (Client client = client(home, address)) {
            for (String sample : SAMPLES) {
                client.fleet()
                        .apply(ApplyRequest.newBuilder()
                                .setManifest(Files.readString(installation.file(sample)))
                                .setRequestId(Client.requestId())
                                .build());
            }
        }
        say("suppliers, classes and queues of the examples are applied");
    }

    private void agent(String name, Path nodes, Path home, String address, Path logs) throws IOException {
        start(
                "agent-" + name,
                installation.agent(List.of(
                        "--server",
                        address,
                        "--token-file",
                        home.resolve("agent-token").toString(),
                        "--state-dir",
                        home.resolve("agents").toString(),
                        "--nodes",
                        nodes.toString(),
                        "--stop-workers-on-exit")),
                logs);
    }

    private StatusResponse awaitLeader(Child server, Path home, String address)
            throws InterruptedException, IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        say("starting PostgreSQL and the server");
        while (System.nanoTime() < deadline) {
            if (!server.process().isAlive()) {
                throw new CliException(1, "the server ended; the last lines of " + server.log() + ":\n" + tail(server));
            }
            if (Files.exists(home.resolve("token"))) {
                try (Client client = client(home, address)) {
                    StatusResponse status = client.fleet().status(StatusRequest.getDefaultInstance());
                    if (status.getRole().equals("Leader")) {
                        return status;
                    }
                } catch (StatusRuntimeException e) {
                    // Not yet.
                    TimeUnit.MILLISECONDS.sleep(50);
                }
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new CliException(1, "the server did not lead in " + PATIENCE_SECONDS + " s; see " + server.log());
    }

    private void awaitNodes(Path home, String address) throws InterruptedException, IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        try (Client client = client(home, address)) {
            StatusResponse status = client.fleet().status(StatusRequest.getDefaultInstance());
            int wanted = noSimulate ? 1 : 2;
            while (status.getAgentsConnected() < wanted && System.nanoTime() < deadline) {
                TimeUnit.MILLISECONDS.sleep(100);
                status = client.fleet().status(StatusRequest.getDefaultInstance());
            }
            TimeUnit.MILLISECONDS.sleep(300);
            status = client.fleet().status(StatusRequest.getDefaultInstance());
            say(status.getNodesReady() + " nodes with " + status.getDevicesInstalled() + " devices are ready; "
                    + status.getJobsWaiting() + " jobs wait, " + status.getJobsRunning() + " run");
        }
    }

    private void next(Path home) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf("%nserver  127.0.0.1:%d (gRPC), http://127.0.0.1:%d (REST, health, metrics)%n", port, httpPort);
        out.printf("token   %s%n", home.resolve("token"));
        out.printf("logs    %s%n%n", home.resolve("logs"));
        out.println("In another terminal:");
        out.println("  ./interposer submit examples/hello.yaml");
        out.println("  ./interposer get jobs");
        out.println("  ./interposer watch hello -n research");
        out.println("  ./interposer logs hello -n research");
        out.println("Ctrl-C ends everything; what was submitted is kept.");
        out.flush();
    }

    private int awaitEnd() throws InterruptedException {
        while (true) {
            for (Child child : children) {
                if (!child.process().isAlive()) {
                    // Ctrl-C reaches the children too, and they may be the first to go.
                    if (stopping.await(1, TimeUnit.SECONDS)) {
                        return 0;
                    }
                    spec.commandLine()
                            .getErr()
                            .println("error: " + child.name() + " ended with code "
                                    + child.process().exitValue() + "; see " + child.log());
                    return 1;
                }
            }
            TimeUnit.MILLISECONDS.sleep(300);
        }
    }

    private Child start(String name, List<String> command, Path logs) throws IOException {
        Path log = logs.resolve(name + ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        Child child = new Child(name, process, log);
        children.add(child);
        return child;
    }

    /** Agents first, so that they can take their workers with them; then the server. */
    private void stopAll() {
        stopping.countDown();
        for (Child child : children.reversed()) {
            child.process().destroy();
            try {
                if (!child.process().waitFor(15, TimeUnit.SECONDS)) {
                    child.process().destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                child.process().destroyForcibly();
            }
        }
    }

    private void say(String what) {
        double seconds = (System.nanoTime() - begun) / 1e9;
        spec.commandLine().getOut().printf("%6.1fs  %s%n", seconds, what);
        spec.commandLine().getOut().flush();
    }

    private static Client client(Path home, String address) throws IOException {
        return new Client(address, Files.readString(home.resolve("token")).strip());
    }

    private static String tail(Child child) throws IOException {
        List<String> lines = Files.readAllLines(child.log());
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
    }

    /** A part that was started. */
    private record Child(String name, Process process, Path log) {}
}
