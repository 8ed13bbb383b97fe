package dev.interposer.cli.bench;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.cli.client.Trust;
import dev.interposer.cli.output.Progress;
import dev.interposer.cli.up.Installation;
import dev.interposer.proto.fleet.v1.ApplyRequest;
import dev.interposer.proto.fleet.v1.StatusRequest;
import dev.interposer.proto.fleet.v1.StatusResponse;
import dev.interposer.proto.job.v1.SubmitRequest;
import dev.interposer.simulation.openb.TraceException;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** One run: the processes are started, asked, measured and ended here. */
final class LiveRun implements AutoCloseable {
    private static final List<String> CLIENT_JVM =
            List.of("-XX:+UseSerialGC", "-Xmx384m", "-XX:+UseTransparentHugePages");
    private static final List<String> AGENT_JVM = List.of(
            "-Xmx768m",
            "-XX:NewRatio=2",
            "-XX:MinHeapFreeRatio=40",
            "-XX:MaxHeapFreeRatio=70",
            "-XX:+UseTransparentHugePages",
            "-XX:TieredStopAtLevel=4",
            "-XX:CompileThresholdScaling=1",
            "-XX:ReservedCodeCacheSize=64m",
            "-XX:MaxMetaspaceSize=96m");
    private static final int PATIENCE_SECONDS = 180;
    private static final int DRAIN_SECONDS = 20;

    private final LiveOptions options;
    private final Progress bar = Progress.of("starting", 0);
    private final PrintWriter progress;
    private final Installation installation = new Installation();
    private final Path home;
    private final List<Part> parts = new ArrayList<>();
    private final long begun = System.nanoTime();
    private int httpPort;
    private int backlogAcknowledged;
    private String address = "";
    private Path token;
    private Path agentToken;

    LiveRun(LiveOptions options, PrintWriter progress) throws IOException {
        this.options = options;
        this.progress = progress;
        Path folder = options.folder();
        this.home = folder == null
                ? Files.createTempDirectory("interposer-bench")
                : Files.createDirectories(folder.toAbsolutePath());
        this.token = home.resolve("token");
        this.agentToken = home.resolve("agent-token");
    }

    LiveResult run() throws IOException, InterruptedException, TraceException {
        boolean backlog = options.backlog() > 0;
        FleetPlan fleet = options.nodes() == null
                ? FleetPlan.synthetic(options.fleetSize(), backlog)
                : FleetPlan.openb(options.nodes(), options.fleetSize(), backlog);
        Workload workload = options.pods() == null ? Workload.synthetic() : Workload.openb(options.pods());
        write("requests", workload.requests(fleet, options.rate()));
        write("backlog-requests", Workload.backlog());
        say("logs and data are in " + home);
        startServer();
        try (Client client = new Client(
                address, Trust.plaintextHere(address), Files.readString(token).strip())) {
            client.fleet()
                    .apply(ApplyRequest.newBuilder()
                            .setManifest(fleet.manifest())
                            .setRequestId(Client.requestId())
                            .build());
            startAgents(fleet);
            await(client, fleet.size() + " nodes ready", status -> status.getNodesReady() >= fleet.size());
            return measure(client);
        }
    }

    private Part submitter() throws IOException, InterruptedException {
        Part submitter = client(
                "submitter",
                List.of(
                        "--requests", file("requests"),
                        "--backlog-requests", file("backlog-requests"),
                        "--backlog", Integer.toString(options.backlog()),
                        "--rate", Double.toString(options.rate()),
                        "--warmup-seconds", Integer.toString(options.warmupSeconds()),
                        "--measure-seconds", Integer.toString(options.measureSeconds()),
                        "--out", file("acknowledged"),
                        "--backlog-out", file("backlog-acknowledged")));
        bar.about("submitting the backlog", 0);
        String[] ready = submitter.await("ready", PATIENCE_SECONDS).split(" ", -1);
        backlogAcknowledged = Integer.parseInt(ready[0]);
        say(ready[0] + " jobs of the backlog are acknowledged, " + ready[1] + " refused");
        return submitter;
    }

    private Part watcher(Client client) throws IOException, InterruptedException {
        long revision =
                client.fleet().status(StatusRequest.getDefaultInstance()).getDurableRevision();
        Part watcher = client(
                "watcher",
                List.of(
                        "--from-revision", Long.toString(revision),
                        "--jobs", Integer.toString(options.jobs()),
                        "--patience-seconds", Integer.toString(DRAIN_SECONDS),
                        "--out", file("seen")));
        watcher.await("ready", PATIENCE_SECONDS);
        return watcher;
    }

    private LiveResult measure(Client client) throws IOException, InterruptedException {
        Part submitter = submitter();
        Part watcher = watcher(client);
        long start = Clock.micros() + 1_000_000;
        submitter.say(Long.toString(start));
        Meters meters = new Meters(parts, home, httpPort);
        sleepUntil("warming up", start, options.warmupSeconds());
        say("warm; measuring for " + options.measureSeconds() + " s");
        Meters.Reading before = meters.read();
        sleepUntil("measuring", start + options.warmupSeconds() * 1_000_000L, options.measureSeconds());
        bar.about("waiting for what is under way", 0);
        Meters.Reading after = meters.read();
        long heap = meters.heapBytes();
        say("waiting for what is under way");
        String[] sent = submitter.await("done", PATIENCE_SECONDS).split(" ", 3);
        watcher.say(sent[0]);
        String[] seen = watcher.await("done", PATIENCE_SECONDS).split(" ", -1);
        // Orders leave with the changes that the watcher saw; an agent may take a moment to obey.
        for (int round = 0; round < DRAIN_SECONDS && reckon(start).lost() > 0; round++) {
            TimeUnit.SECONDS.sleep(1);
        }
        int backlogLost = backlogLost(client);
        stopAgents();
        Said said = new Said(
                Integer.parseInt(sent[1]),
                sent.length > 2 ? sent[2] : "",
                Integer.parseInt(seen[1]),
                Long.parseLong(seen[2]),
                Integer.parseInt(seen[3]),
                backlogLost);
        return result(reckon(start), new Usage(before, after, heap), said);
    }

    /** Acknowledged jobs of the backlog that the server does not know: none of them can have ended. */
    private int backlogLost(Client client) throws IOException {
        Set<Long> known = new HashSet<>();
        JobList.each(client, job -> known.add(job.getId()));
        return (int) Arrays.stream(Columns.read(home.resolve("backlog-acknowledged")))
                .filter(id -> id != 0 && !known.contains(id))
                .count();
    }

    /** What submitter, watcher and, of the backlog, the server said at their end. */
    private record Said(int refused, String problem, int again, long events, int relisted, int backlogLost) {}

    private record Usage(Meters.Reading before, Meters.Reading after, long heapBytes) {
        Map<String, Long> cpuMillis() {
            Map<String, Long> used = new LinkedHashMap<>();
            after.cpuMillis()
                    .forEach((name, millis) ->
                            used.put(name, millis - before.cpuMillis().getOrDefault(name, 0L)));
            return used;
        }

        /** What had ended by the last reading. */
        List<String> unknown() {
            return before.cpuMillis().keySet().stream()
                    .filter(name -> !after.cpuMillis().containsKey(name))
                    .toList();
        }
    }

    private Reckoning reckon(long startMicros) throws IOException {
        return Reckoning.of(
                options.schedule(startMicros),
                Columns.read(home.resolve("acknowledged")),
                Columns.read(home.resolve("seen")),
                Testimony.read(home.resolve("agents")));
    }

    private LiveResult result(Reckoning reckoning, Usage usage, Said said) {
        Map<String, String> notes = new LinkedHashMap<>();
        if (said.refused() > 0) {
            notes.put("percentiles", "of acknowledged jobs alone: " + said.refused() + " were refused");
        }
        if (!said.problem().isBlank()) {
            notes.put("first refusal", said.problem());
        }
        if (said.relisted() > 0) {
            notes.put("watcher fell behind and listed again", said.relisted() + " times");
        }
        notes.put("events seen", Long.toString(said.events()));
        notes.put("workers that agents began", Integer.toString(reckoning.workers()));
        if (!usage.unknown().isEmpty()) {
            notes.put("CPU not measured, ended too early", String.join(", ", usage.unknown()));
        }
        notes.put("folder", home.toString());
        return new LiveResult(
                reckoning.inTimePerSecond(),
                reckoning.millis(0.5),
                reckoning.millis(0.99),
                reckoning.millis(1),
                reckoning.acknowledged(),
                said.refused(),
                reckoning.lost() + said.backlogLost(),
                reckoning.doubled() + said.again(),
                options.rate(),
                options.backlog(),
                backlogAcknowledged,
                options.fleetSize(),
                options.measureSeconds(),
                usage.heapBytes(),
                usage.cpuMillis(),
                usage.after().walBytes() - usage.before().walBytes(),
                notes);
    }

    private void startServer() throws IOException, InterruptedException {
        LiveOptions.Given given = options.given();
        if (given != null) {
            address = given.address();
            token = given.tokenFile();
            agentToken = given.agentTokenFile();
            return;
        }
        int port = freePort();
        httpPort = freePort();
        address = "127.0.0.1:" + port;
        List<String> settings =
                new ArrayList<>(List.of("-Dinterposer.grpc.port=" + port, "-Dquarkus.http.port=" + httpPort));
        settings.addAll(options.serverOptions());
        Path trainedTo = options.trainedTo();
        Part server = start(
                "server",
                trainedTo == null
                        ? installation.server(home, settings)
                        : installation.serverInTraining(home, settings, trainedTo));
        while (!Files.exists(token)) {
            server.requireSound();
            TimeUnit.MILLISECONDS.sleep(50);
        }
        try (Client client = new Client(
                address, Trust.plaintextHere(address), Files.readString(token).strip())) {
            await(client, "the server leads", status -> status.getRole().equals("Leader"));
        }
    }

    private void startAgents(FleetPlan fleet) throws IOException {
        for (int part = 0; part < options.agentProcesses(); part++) {
            Path nodes = Files.writeString(
                    home.resolve("nodes-" + part + ".yaml"), fleet.nodesFile(part, options.agentProcesses()));
            List<String> arguments = List.of(
                    "--server",
                    address,
                    "--token-file",
                    agentToken.toString(),
                    "--state-dir",
                    home.resolve("agents").toString(),
                    "--nodes",
                    nodes.toString(),
                    "--unsynced-journals");
            start("agents-" + part, installation.agent(AGENT_JVM, arguments));
        }
    }

    private void stopAgents() {
        parts.stream().filter(part -> part.name().startsWith("agents-")).forEach(Part::close);
    }

    private Part client(String verb, List<String> arguments) throws IOException {
        List<String> all =
                new ArrayList<>(List.of("bench", verb, "--server", address, "--token-file", token.toString()));
        all.addAll(arguments);
        return start(verb, installation.self(CLIENT_JVM, all));
    }

    private Part start(String name, List<String> command) throws IOException {
        Part part = Part.start(name, command, home);
        parts.add(part);
        return part;
    }

    private void await(Client client, String what, Predicate<StatusResponse> holds) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        String last = "";
        while (System.nanoTime() < deadline) {
            parts.forEach(Part::requireSound);
            try {
                StatusResponse status = client.fleet().status(StatusRequest.getDefaultInstance());
                if (holds.test(status)) {
                    say(what);
                    return;
                }
                last = status.getNodesReady() + " nodes are ready";
            } catch (StatusRuntimeException e) {
                last = String.valueOf(e.getMessage());
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
        throw new CliException(1, "not in " + PATIENCE_SECONDS + " s: " + what + " (" + last + "); see " + home);
    }

    private void write(String name, List<SubmitRequest> requests) throws IOException {
        try (OutputStream out = Files.newOutputStream(home.resolve(name))) {
            for (SubmitRequest request : requests) {
                request.writeDelimitedTo(out);
            }
        }
    }

    private String file(String name) {
        return home.resolve(name).toString();
    }

    private void sleepUntil(String what, long fromMicros, int seconds) throws InterruptedException {
        bar.about(what, seconds);
        long micros = fromMicros + seconds * 1_000_000L;
        while (Clock.micros() < micros) {
            parts.forEach(Part::requireSound);
            bar.at(Math.max(0, (Clock.micros() - fromMicros) / 1_000_000));
            TimeUnit.MICROSECONDS.sleep(Math.clamp(micros - Clock.micros(), 1, 200_000));
        }
    }

    private void say(String what) {
        bar.above(() -> said(what));
    }

    private void said(String what) {
        progress.printf("%6.1fs  %s%n", (System.nanoTime() - begun) / 1e9, what);
        progress.flush();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Ends all processes; the server last, and PostgreSQL with it. */
    @Override
    public void close() {
        bar.close();
        parts.reversed().forEach(Part::close);
    }
}
