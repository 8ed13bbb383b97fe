package dev.interposer.cli.up;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.cli.client.ServerOptions;
import dev.interposer.cli.client.Trust;
import dev.interposer.cli.output.Progress;
import dev.interposer.proto.fleet.v1.ApplyRequest;
import dev.interposer.proto.fleet.v1.StatusRequest;
import dev.interposer.proto.fleet.v1.StatusResponse;
import io.grpc.StatusRuntimeException;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
        footer = {
            "",
            "Ctrl-C ends all of it. What was submitted is kept in ~/.interposer and found again.",
            "Example: interposer up --port 7170 --http-port 7180"
        })
public final class UpCommand implements Callable<Integer> {
    private static final long PATIENCE_SECONDS = 120;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
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
        Path home = makeHome();
        UpProcesses processes = new UpProcesses(home);
        try (FileChannel channel =
                        FileChannel.open(home.resolve("up.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                String who = processes
                        .up()
                        .map(up -> ", as process " + up.process().pid())
                        .orElse("");
                throw new CliException(
                        CliException.USAGE, "it runs already" + who + ". Maybe `interposer down` first?");
            }
            for (UpProcesses.Living living : processes.endLeftBehind()) {
                say("ended " + living + ", which an earlier `up` had left behind");
            }
            requireFree("--port", port);
            requireFree("--http-port", httpPort);
            processes.begin();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stopAll(processes)));
            try (Progress progress = Progress.of("starting PostgreSQL and the server", 0)) {
                startAll(home, processes, progress);
            }
            next(home);
            return awaitEnd();
        }
    }

    /** For its owner alone: tokens, journals with the environment of jobs, and the database lie there. */
    private static Path makeHome() throws IOException {
        Path home = ServerOptions.home().toAbsolutePath();
        if (!Files.exists(home)) {
            Files.createDirectories(home);
            Files.setPosixFilePermissions(home, OWNER_ONLY);
        }
        return home;
    }

    private static void requireFree(String option, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new CliException(
                    CliException.USAGE,
                    option + " (" + port + ") is taken by another program. Maybe `interposer up " + option + " "
                            + (port + 100) + "`?");
        }
    }

    private void startAll(Path home, UpProcesses processes, Progress progress)
            throws IOException, InterruptedException {
        Path logs = Files.createDirectories(home.resolve("logs"));
        Files.setPosixFilePermissions(logs, OWNER_ONLY);
        Starter starter = (name, command) -> {
            Child child = start(name, command, logs);
            processes.add(name, child.process().toHandle());
            return child;
        };
        List<String> settings =
                new ArrayList<>(List.of("-Dinterposer.grpc.port=" + port, "-Dquarkus.http.port=" + httpPort));
        if (jdbcUrl != null) {
            settings.add("-Dinterposer.ledger.jdbc-url=" + jdbcUrl);
        }
        Child server = starter.start("server", installation.server(home, settings));
        String address = "127.0.0.1:" + port;
        StatusResponse status = awaitLeader(server, home, address);
        progress.about("waiting for the nodes", 0);
        say("server leads in epoch " + status.getEpoch() + " at " + address + ", revision "
                + status.getDurableRevision());
        applySamples(home, address);
        progress.above(() -> say("suppliers, classes and queues of the examples are applied"));
        starter.start("agent-local", agent(installation.file("examples/local.yaml"), home, address));
        if (!noSimulate) {
            Path nodes = fleet == null ? installation.file("examples/fleet.yaml") : fleet;
            starter.start("agent-simulated", agent(nodes, home, address));
        }
        awaitNodes(home, address, progress);
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
    }

    private List<String> agent(Path nodes, Path home, String address) {
        List<String> options = new ArrayList<>(List.of(
                "--server",
                address,
                "--token-file",
                home.resolve("agent-token").toString(),
                "--state-dir",
                home.resolve("agents").toString(),
                "--nodes",
                nodes.toString(),
                "--stop-workers-on-exit",
                // What it runs is the user's own, on the user's own machine.
                "--root-workers"));
        if (Files.exists(Trust.caFile(home))) {
            options.addAll(List.of("--ca-file", Trust.caFile(home).toString()));
        }
        return installation.agent(options);
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
                    if (status.getProcessId() != server.process().pid()) {
                        throw new CliException(
                                1,
                                "another server (process " + status.getProcessId() + ") answers at " + address
                                        + ". Maybe --port?");
                    }
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

    private void awaitNodes(Path home, String address, Progress progress) throws InterruptedException, IOException {
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
            progress.close();
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

    /** Agents first, so that they can take their workers with them; then the server, and what it may have left. */
    private void stopAll(UpProcesses processes) {
        stopping.countDown();
        for (Child child : children.reversed()) {
            UpProcesses.end(child.process().toHandle());
        }
        try {
            processes.endLeftBehind();
        } catch (IOException e) {
            spec.commandLine().getErr().println("error: what is left can't be found: " + e.getMessage());
        }
    }

    private void say(String what) {
        double seconds = (System.nanoTime() - begun) / 1e9;
        spec.commandLine().getOut().printf("%6.1fs  %s%n", seconds, what);
        spec.commandLine().getOut().flush();
    }

    private static Client client(Path home, String address) throws IOException {
        return new Client(
                address,
                Trust.ofHome(home),
                Files.readString(home.resolve("token")).strip());
    }

    private static String tail(Child child) throws IOException {
        List<String> lines = Files.readAllLines(child.log());
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
    }

    /** Starts a part and writes it down. */
    private interface Starter {
        Child start(String name, List<String> command) throws IOException;
    }

    /** A part that was started. */
    private record Child(String name, Process process, Path log) {}
}
