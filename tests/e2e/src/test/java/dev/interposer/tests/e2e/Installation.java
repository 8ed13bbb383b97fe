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
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One or more servers on one PostgreSQL, and agents, as real processes in a folder of their own. */
public final class Installation implements AutoCloseable {
    private final Path root = root();
    private final Path home;
    private final List<ServerProcess> servers = new ArrayList<>();
    private final List<AgentProcess> agents = new ArrayList<>();
    private final List<Process> all = new ArrayList<>();
    private final @Nullable OwnPostgres postgres;
    private final List<String> settings;

    /** Its ports stay when it is started again. */
    private static final class ServerProcess {
        private final int port = Ports.free();
        private final int httpPort = Ports.free();
        private final List<String> database;
        private final @Nullable Links links;
        private final ManagedChannel channel = channel(port);
        private final ManagedChannel clients;
        private @Nullable Process process;

        ServerProcess(List<String> database) {
            this.database = database;
            this.links = null;
            this.clients = channel;
        }

        /** All that comes to it and goes to the database takes ways that can be cut. */
        ServerProcess(OwnPostgres postgres) throws IOException {
            this.links = new Links(new Proxy(postgres.port()), port);
            this.database = List.of(
                    "-Dinterposer.ledger.jdbc-url="
                            + OwnPostgres.url(links.database().port()),
                    "-Dinterposer.ledger.user=postgres");
            this.clients = channel(links.clients().port());
        }

        int agentPort(int agent) throws IOException {
            return links == null ? port : links.agent(agent).port();
        }

        private boolean alive() {
            return process != null && process.isAlive();
        }

        private static ManagedChannel channel(int port) {
            return OkHttpChannelBuilder.forTarget("127.0.0.1:" + port, InsecureChannelCredentials.create())
                    .build();
        }
    }

    /** Started again with the same nodes and the same folder. */
    private static final class AgentProcess {
        private final String name;
        private final Path nodes;
        private final List<String> options;
        private Process process;

        AgentProcess(String name, Path nodes, List<String> options, Process process) {
            this.name = name;
            this.nodes = nodes;
            this.options = options;
            this.process = process;
        }
    }

    /** The ways of one server: to the database, and to it from each agent and from the clients. */
    static final class Links {
        private final Proxy database;
        private final Proxy clients;
        private final List<Proxy> agents = new ArrayList<>();
        private final int port;

        private Links(Proxy database, int port) throws IOException {
            this.database = database;
            this.clients = new Proxy(port);
            this.port = port;
        }

        Proxy database() {
            return database;
        }

        Proxy clients() {
            return clients;
        }

        Proxy agent(int number) throws IOException {
            while (agents.size() <= number) {
                agents.add(new Proxy(port));
            }
            return agents.get(number);
        }

        List<Proxy> agents() {
            return List.copyOf(agents);
        }

        private void close() {
            database.close();
            clients.close();
            agents.forEach(Proxy::close);
        }
    }

    /** With one server and its embedded PostgreSQL. */
    public Installation() throws IOException {
        home = Files.createTempDirectory("interposer-e2e");
        postgres = null;
        settings = List.of();
        servers.add(new ServerProcess(List.of()));
        restartServer(0);
    }

    /** With servers on a PostgreSQL that is nobody's, with links that can be cut, and with settings of their own. */
    public Installation(int serverCount, String... serverSettings) throws IOException, InterruptedException {
        this(Map.of(), serverCount, serverSettings);
    }

    /** The same in a home folder with some files in it; in settings {@code HOME/} stands for that folder. */
    public Installation(Map<String, String> files, int serverCount, String... serverSettings)
            throws IOException, InterruptedException {
        home = Files.createTempDirectory("interposer-e2e");
        for (Map.Entry<String, String> file : files.entrySet()) {
            Files.writeString(home.resolve(file.getKey()), file.getValue());
        }
        settings = Arrays.stream(serverSettings)
                .map(setting -> setting.replace("HOME/", home + "/"))
                .toList();
        OwnPostgres own = new OwnPostgres(home.resolve("postgres"));
        postgres = own;
        for (int number = 0; number < serverCount; number++) {
            servers.add(new ServerProcess(own));
            restartServer(number);
            // The first one makes the tokens.
            awaitLeader();
        }
    }

    /** As whoever has a token. */
    public JobServiceGrpc.JobServiceBlockingStub jobsAs(String token) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        return JobServiceGrpc.newBlockingStub(servers.getFirst().clients)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    OwnPostgres postgres() {
        return Objects.requireNonNull(postgres);
    }

    Links links(int number) {
        return Objects.requireNonNull(servers.get(number).links);
    }

    int serverCount() {
        return servers.size();
    }

    /** One more server on the database of the first. */
    void addServer() throws IOException, InterruptedException {
        awaitLeader();
        String port = postmaster().get(3);
        String password = Files.readString(home.resolve("postgres/password")).strip();
        servers.add(new ServerProcess(List.of(
                "-Dinterposer.ledger.jdbc-url=jdbc:postgresql://localhost:" + port + "/postgres",
                "-Dinterposer.ledger.user=postgres",
                "-Dinterposer.ledger.password=" + password)));
        restartServer(servers.size() - 1);
    }

    /** Answer of the read side to a token; empty for none. */
    HttpResponse<String> get(String path, String token) throws IOException, InterruptedException {
        return call("GET " + path, token);
    }

    /** The same with a method of HTTP in front of the path. */
    HttpResponse<String> call(String methodAndPath, String token) throws IOException, InterruptedException {
        return call(methodAndPath, token, "");
    }

    HttpResponse<String> call(String methodAndPath, String token, String body)
            throws IOException, InterruptedException {
        String[] words = methodAndPath.split(" ", 2);
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + servers.getFirst().httpPort + words[1]))
                .method(words[0], HttpRequest.BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    public Path home() {
        return home;
    }

    /** Where clients find the first server. */
    public String address() {
        return "127.0.0.1:" + servers.getFirst().port;
    }

    public Path example(String name) {
        return root.resolve("examples").resolve(name);
    }

    public Process server(int number) {
        return Objects.requireNonNull(servers.get(number).process);
    }

    /** The process of PostgreSQL. */
    ProcessHandle database() throws IOException {
        long pid = Long.parseLong(postmaster().getFirst().strip());
        return ProcessHandle.of(pid).orElseThrow();
    }

    void signal(String name, ProcessHandle process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    public void restartServer(int number) throws IOException {
        ServerProcess server = servers.get(number);
        List<String> command = new ArrayList<>(List.of(
                java(),
                "@" + root.resolve("scheduler/server/server.jvmoptions"),
                "-Dinterposer.home=" + home,
                "-Dinterposer.grpc.port=" + server.port,
                "-Dinterposer.ledger.snapshot-events=300",
                "-Dinterposer.lease.duration=2s",
                "-Dinterposer.lease.margin=500ms",
                "-Dinterposer.agents.heartbeat=200ms",
                "-Dinterposer.agents.lost-after=3s",
                "-Dquarkus.http.port=" + server.httpPort));
        command.addAll(server.database);
        command.addAll(settings);
        command.add("-jar");
        command.add(root.resolve("scheduler/server/target/quarkus-app/quarkus-run.jar")
                .toString());
        server.process = start("server-" + number, command);
    }

    private List<String> postmaster() throws IOException {
        return Files.readAllLines(home.resolve("postgres/data/postmaster.pid"));
    }

    public Process startAgent(String name, Path nodes, String... options) throws IOException {
        Process process = launchAgent(name, nodes, List.of(options), agents.size());
        agents.add(new AgentProcess(name, nodes, List.of(options), process));
        return process;
    }

    int agentCount() {
        return agents.size();
    }

    Process agent(int number) {
        return agents.get(number).process;
    }

    void restartAgent(int number) throws IOException {
        AgentProcess agent = agents.get(number);
        agent.process = launchAgent(agent.name, agent.nodes, agent.options, number);
    }

    private Process launchAgent(String name, Path nodes, List<String> options, int number) throws IOException {
        List<String> addresses = new ArrayList<>();
        for (ServerProcess server : servers) {
            addresses.add("127.0.0.1:" + server.agentPort(number));
        }
        List<String> command = new ArrayList<>(List.of(
                java(),
                "@" + root.resolve("agent/agent.jvmoptions"),
                "-jar",
                root.resolve("agent/target/interposer-agent.jar").toString(),
                "--server",
                String.join(",", addresses),
                "--token-file",
                home.resolve("agent-token").toString(),
                "--state-dir",
                home.resolve("agents").toString(),
                "--nodes",
                nodes.toString(),
                "--root-workers"));
        command.addAll(options);
        return start("agent-" + name, command);
    }

    /** Journals of all nodes of all agents. */
    List<Path> journals() throws IOException {
        try (var files = Files.walk(home.resolve("agents"))) {
            return files.filter(file -> file.getFileName().toString().equals("journal"))
                    .toList();
        }
    }

    public JobServiceGrpc.JobServiceBlockingStub jobs() throws IOException {
        return jobs(0);
    }

    /** Of one of the servers; numbers go round. */
    JobServiceGrpc.JobServiceBlockingStub jobs(int number) throws IOException {
        return JobServiceGrpc.newBlockingStub(servers.get(number % servers.size()).clients)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers("token")))
                .withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    public FleetServiceGrpc.FleetServiceBlockingStub fleet() throws IOException {
        return fleet(0);
    }

    private FleetServiceGrpc.FleetServiceBlockingStub fleet(int number) throws IOException {
        return FleetServiceGrpc.newBlockingStub(servers.get(number).channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers("token")))
                .withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    ManagedChannel channel() {
        return servers.getFirst().channel;
    }

    /** Tries at once again to reach servers that were away. */
    void reconnect() {
        servers.forEach(server -> {
            server.channel.resetConnectBackoff();
            server.clients.resetConnectBackoff();
        });
    }

    Metadata headers(String tokenFile) throws IOException {
        Metadata headers = new Metadata();
        headers.put(
                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
                "Bearer " + Files.readString(home.resolve(tokenFile)).strip());
        return headers;
    }

    /** Number of the server that leads. */
    public int awaitLeader() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (System.nanoTime() < deadline && servers.stream().anyMatch(ServerProcess::alive)) {
            int leader = leaderNow();
            if (leader >= 0) {
                return leader;
            }
            reconnect();
            Thread.sleep(50);
        }
        throw new AssertionError("no leader, or none in 120 s; in " + home + ":\n" + lastLines());
    }

    /** What servers and PostgreSQL wrote last. */
    private String lastLines() throws IOException {
        StringBuilder text = new StringBuilder();
        try (var files = Files.walk(home, 2)) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".log")).toList()) {
                List<String> lines = Files.readAllLines(file);
                text.append(file).append('\n');
                lines.subList(Math.max(0, lines.size() - 20), lines.size())
                        .forEach(line -> text.append("  ").append(line).append('\n'));
            }
        }
        return text.toString();
    }

    /** Number of the server that leads at this moment; −1 when none does. */
    int leaderNow() throws IOException {
        for (int number = 0; number < servers.size(); number++) {
            if (Files.exists(home.resolve("token")) && leads(number)) {
                return number;
            }
        }
        return -1;
    }

    private boolean leads(int number) throws IOException {
        return role(number).equals("Leader");
    }

    /** What a server says that it is; empty if it says nothing. */
    String role(int number) throws IOException {
        try {
            return fleet(number)
                    .withDeadlineAfter(1, TimeUnit.SECONDS)
                    .status(StatusRequest.getDefaultInstance())
                    .getRole();
        } catch (StatusRuntimeException e) {
            return "";
        }
    }

    /** Waits until a server has read all that it shall follow. */
    void awaitStandby(int number) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!role(number).equals("Standby")) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("server " + number + " is no standby after 60 s; see " + home);
            }
            reconnect();
            Thread.sleep(50);
        }
    }

    public void awaitNodes(int nodes) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (fleet(awaitLeader()).status(StatusRequest.getDefaultInstance()).getNodesReady() < nodes) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("fewer than " + nodes + " nodes in 30 s; see " + home);
            }
            Thread.sleep(50);
        }
    }

    @Override
    public void close() {
        stopProcesses();
        servers.forEach(server -> {
            server.channel.shutdownNow();
            server.clients.shutdownNow();
            if (server.links != null) {
                server.links.close();
            }
        });
        if (postgres != null) {
            try {
                postgres.close();
            } catch (IOException e) {
                throw new IllegalStateException("PostgreSQL did not stop", e);
            }
        }
        try {
            LeftWorkers.end(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Servers and agents; what they wrote stays. */
    void stopProcesses() {
        for (Process process : all.reversed()) {
            process.destroy();
            process.onExit().completeOnTimeout(process, 20, TimeUnit.SECONDS).join();
            process.destroyForcibly();
        }
        all.clear();
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

    public static Path root() {
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
