package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a newcomer types, as it is typed. */
class UpIT {
    private final Path root = Installation.root();

    @TempDir
    private Path home;

    /** What a command said, and how it ended. */
    private record Said(int code, String text) {}

    @Test
    void aSecondUpFindsTheJobsOfTheFirst() throws Exception {
        int port = freePort();
        int httpPort = freePort();
        Process first = up(port, httpPort, "first.log");
        try {
            awaitLine(first, "first.log");
            assertThat(run("submit", "examples/hello.yaml", "examples/too-big.yaml")
                            .text())
                    .contains("trainingjob research/hello created", "trainingjob research/too-big created");
            Said again = run("submit", "examples/too-big.yaml");
            assertThat(again.code()).isEqualTo(1);
            assertThat(again.text()).contains("metadata.name (too-big)");
            assertThat(run("watch", "hello", "-n", "research").text())
                    .contains("Running on nvidia-h100-sxm", "Succeeded");
            assertThat(run("logs", "hello", "-n", "research", "--worker", "1").text())
                    .contains("rank 1 of 2", "done");
            assertThat(run("explain", "too-big", "-n", "research").text()).contains("EXCEEDS_FLEET", "needs 128");
            assertThat(run("get", "job", "nobody").code()).isEqualTo(3);
            assertThat(run("get", "nonsense").code()).isEqualTo(2);
            assertThat(run("down").code()).isZero();
            assertThat(first.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            first.destroy();
        }
        assertThat(run("status").code()).isEqualTo(4);
        Process second = up(port, httpPort, "second.log");
        try {
            awaitLine(second, "second.log");
            assertThat(run("get", "jobs").text()).contains("hello", "Succeeded", "too-big", "Waiting");
            assertThat(run("cancel", "too-big", "-n", "research").code()).isZero();
        } finally {
            controlC(second);
            assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(Files.readString(home.resolve("second.log"))).doesNotContain("error");
        assertThat(run("status").code()).isEqualTo(4);
        assertThat(ProcessHandle.allProcesses()
                        .filter(process ->
                                process.info().commandLine().orElse("").contains(home.toString())))
                .isEmpty();
    }

    /** What a terminal does: the signal goes to all processes of the group. */
    private static void controlC(Process group) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", "--", "-" + group.pid()).start().waitFor();
    }

    @Test
    void aDatabaseThatIsAwayIsSaidInOneLine() throws Exception {
        Path log = home.resolve("server.log");
        Process server = new ProcessBuilder(
                        java(),
                        "-Dinterposer.home=" + home,
                        "-Dinterposer.grpc.port=" + freePort(),
                        "-Dquarkus.http.port=" + freePort(),
                        "-Dinterposer.ledger.jdbc-url=jdbc:postgresql://127.0.0.1:1/none",
                        "-Dinterposer.ledger.patience=1s",
                        "-jar",
                        root.resolve("scheduler/server/target/quarkus-app/quarkus-run.jar")
                                .toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(server.exitValue()).isEqualTo(1);
        assertThat(Files.readString(log)).contains("the server can't start: PostgreSQL can't be reached");
    }

    private Process up(int port, int httpPort, String log) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("env", "--default-signal=INT", "setsid", "sh", "./interposer", "up"));
        command.addAll(List.of("--port", Integer.toString(port), "--http-port", Integer.toString(httpPort)));
        return builder(command).redirectOutput(home.resolve(log).toFile()).start();
    }

    private void awaitLine(Process process, String log) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!Files.readString(home.resolve(log)).contains("In another terminal:")) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new AssertionError("`up` did not come up: " + Files.readString(home.resolve(log)));
            }
            Thread.sleep(100);
        }
    }

    private Said run(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sh", "./interposer"));
        command.addAll(List.of(words));
        Path out = Files.createTempFile(home, "out", ".txt");
        Process process = builder(command).redirectOutput(out.toFile()).start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS))
                .as(String.join(" ", words))
                .isTrue();
        return new Said(process.exitValue(), Files.readString(out));
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(root.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().put("INTERPOSER_HOME", home.toString());
        // The build has just made what the launcher would look for.
        builder.environment().put("INTERPOSER_NO_BUILD", "1");
        return builder;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
