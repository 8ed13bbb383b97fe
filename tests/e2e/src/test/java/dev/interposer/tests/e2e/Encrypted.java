package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** A server that speaks TLS, and agents that come to it, as real processes. */
final class Encrypted {
    private final Path root = Installation.root();
    private final Path home;
    private final List<String> settings;
    private final int port = Ports.free();
    private final int httpPort = Ports.free();
    private final Typed typed;
    private final Map<String, Process> processes = new HashMap<>();

    /** @param settings {@code name=value}, without {@code interposer.} in front */
    Encrypted(Path home, String... settings) {
        this.home = home;
        this.settings = List.of(settings);
        this.typed = new Typed(home);
    }

    /** With an authority of its own, by which agents have certificates for so long. */
    static Encrypted ofOwnAuthority(Path home, int lifeSeconds) {
        return new Encrypted(home, "tls.mode=own", "tls.agent-certificate-life=" + lifeSeconds + "s");
    }

    void startServer() throws Exception {
        launchServer();
        await(180, () -> typed.run("status").text().contains("Leader"), "server");
    }

    /** The code of a server that ends by itself. */
    int serverEnds() throws IOException, InterruptedException {
        launchServer();
        Process server = Objects.requireNonNull(processes.get("server"));
        assertThat(server.waitFor(180, TimeUnit.SECONDS)).as("it runs on").isTrue();
        processes.remove("server");
        return server.exitValue();
    }

    private void launchServer() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "@" + root.resolve("scheduler/server/server.jvmoptions"),
                "-Dinterposer.home=" + home,
                "-Dinterposer.grpc.port=" + port,
                "-Dinterposer.lease.duration=2s",
                "-Dinterposer.lease.margin=500ms",
                "-Dinterposer.agents.heartbeat=200ms",
                "-Dquarkus.http.port=" + httpPort));
        settings.forEach(setting -> command.add("-Dinterposer." + setting));
        Path jar = root.resolve("scheduler/server/target/quarkus-app/quarkus-run.jar");
        command.addAll(List.of("-jar", jar.toString()));
        start("server", command);
    }

    /** A token of its own file. */
    Path token(String name, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of("create", "token", "-o", "json"));
        words.addAll(List.of(options));
        Typed.Said said = typed.run(words.toArray(String[]::new));
        assertThat(said.code()).as(said.text()).isZero();
        String token = said.text().replaceAll("(?s).*(itp-[-_.0-9A-Za-z]+).*", "$1");
        return Files.writeString(home.resolve(name), token + "\n");
    }

    /** For a node whose workers are processes. */
    void startAgent(String name, String node, String... options) throws IOException {
        startAgent(name, List.of(node), options);
    }

    /** The first is this machine. */
    void startAgent(String name, List<String> all, String... options) throws IOException {
        StringBuilder yaml = new StringBuilder("nodes:\n- local: true\n  name: ")
                .append(all.getFirst())
                .append("\n  drivers: []\n  address: 127.0.0.1\n");
        all.stream()
                .skip(1)
                .forEach(node -> yaml.append("- name: ").append(node).append("\n  capacity: {cpu: 1}\n"));
        Path nodes = Files.writeString(home.resolve(name + ".yaml"), yaml);
        List<String> command = new ArrayList<>(List.of(
                "@" + root.resolve("agent/agent.jvmoptions"),
                "-jar",
                root.resolve("agent/target/interposer-agent.jar").toString(),
                "--server",
                "127.0.0.1:" + port,
                "--state-dir",
                state(name).toString(),
                "--nodes",
                nodes.toString(),
                "--cgroup",
                "none",
                "--root-workers"));
        command.addAll(List.of(options));
        start(name, command);
    }

    Path state(String agent) {
        return home.resolve("state-" + agent);
    }

    /** The agent's certificate and all else that it keeps of itself. */
    String identity(String agent) throws IOException {
        return Files.readString(state(agent).resolve("identity.pem"));
    }

    void stop(String name) throws InterruptedException {
        Process process = Objects.requireNonNull(processes.remove(name));
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    void kill(String name) throws InterruptedException {
        Process process = Objects.requireNonNull(processes.remove(name));
        process.destroyForcibly();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    Typed.Said said(String... words) throws IOException, InterruptedException {
        return typed.run(words);
    }

    /** What a process wrote. */
    String log(String name) throws IOException {
        Path file = home.resolve(name + ".log");
        return Files.exists(file) ? Files.readString(file) : "";
    }

    void awaitLog(String name, String words) throws Exception {
        await(120, () -> log(name).contains(words), name);
    }

    void awaitNode(String node, String phase) throws Exception {
        await(120, () -> said("get", "nodes").text().matches("(?s).*" + node + " +" + phase + ".*"), "server");
    }

    void await(int seconds, Callable<Boolean> condition, String process) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not in " + seconds + " s; " + process + " said:\n" + log(process));
            }
            Thread.sleep(100);
        }
    }

    private void start(String name, List<String> options) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(options);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        home.resolve(name + ".log").toFile()))
                .start();
        processes.put(name, process);
    }

    void close() throws IOException, InterruptedException {
        for (String name : List.copyOf(processes.keySet())) {
            stop(name);
        }
        LeftWorkers.end(home);
    }
}
