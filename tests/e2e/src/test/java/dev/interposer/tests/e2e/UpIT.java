package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a newcomer types, as it is typed. */
class UpIT {
    private final Path root = Installation.root();

    @TempDir
    private Path home;

    private Typed typed;

    @BeforeEach
    void homeIsKnown() {
        typed = new Typed(home);
    }

    @Test
    void aSecondUpFindsTheJobsOfTheFirst() throws Exception {
        int port = Ports.free();
        int httpPort = Ports.free();
        Process first = typed.up(port, httpPort, "first.log");
        try {
            typed.awaitUp(first, "first.log");
            assertThat(typed.run("submit", "examples/hello.yaml", "examples/too-big.yaml")
                            .text())
                    .contains("trainingjob research/hello created", "trainingjob research/too-big created");
            Typed.Said again = typed.run("submit", "examples/too-big.yaml");
            assertThat(again.code()).isEqualTo(1);
            assertThat(again.text()).contains("metadata.name (too-big)");
            assertThat(typed.run("watch", "hello", "-n", "research").text())
                    .contains("on nvidia-h100-sxm", "Succeeded");
            assertThat(typed.run("logs", "hello", "-n", "research", "--worker", "1")
                            .text())
                    .contains("rank 1 of 2", "done");
            assertThat(typed.run("explain", "too-big", "-n", "research").text()).contains("EXCEEDS_FLEET", "needs 128");
            assertThat(typed.run("get", "job", "nobody").code()).isEqualTo(3);
            assertThat(typed.run("get", "nonsense").code()).isEqualTo(2);
            namesAreLookedUpAndMistakesSaidInALine();
            assertThat(typed.run("down").code()).isZero();
            assertThat(first.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            first.destroy();
        }
        assertThat(typed.run("status").code()).isEqualTo(4);
        Process second = typed.up(port, httpPort, "second.log");
        try {
            typed.awaitUp(second, "second.log");
            assertThat(typed.run("get", "jobs").text()).contains("hello", "Succeeded", "too-big", "Waiting");
            assertThat(typed.run("cancel", "too-big", "-n", "research").code()).isZero();
        } finally {
            controlC(second);
            assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(Files.readString(home.resolve("second.log"))).doesNotContain("error");
        assertThat(typed.run("status").code()).isEqualTo(4);
        assertThat(parts()).isEmpty();
    }

    private void namesAreLookedUpAndMistakesSaidInALine() throws Exception {
        assertThat(typed.run("get", "queue", "research", "-o", "name").text()).isEqualTo("research\n");
        for (List<String> nobody : List.of(
                List.of("get", "queue", "nope"),
                List.of("get", "class", "nope"),
                List.of("delete", "queue", "nope"),
                List.of("get", "devices", "sim/nope"),
                List.of("watch", "nope"))) {
            Typed.Said said = typed.run(nobody.toArray(String[]::new));
            assertThat(said.code()).as(nobody + ": " + said.text()).isEqualTo(3);
            assertThat(said.text()).startsWith("error: there is no ").contains("nope");
        }
        assertThat(typed.run("get", "jobs", "-n", "default").text()).doesNotContain("hello");
        assertThat(typed.run("get", "jobs", "-n", "research").text()).contains("hello");
        assertThat(typed.run("watch", "hello", "-n", "research", "-o", "name").text())
                .isEqualTo("research/hello\n");
        assertThat(typed.run("cordon", "sim/a1-0", "-o", "json").text())
                .startsWith("{")
                .contains("\"revision\"");
        assertThat(typed.run("uncordon", "sim/a1-0").text()).isEqualTo("sim/a1-0 takes new work\n");
        assertThat(typed.run("apply", "-f", "examples/queues.yaml", "-o", "json")
                        .text())
                .contains("RESULT_UNCHANGED")
                .doesNotContain("\"revision\": \"0\"");
        assertThat(typed.run("submit", "nofile.yaml").text())
                .isEqualTo("error: nofile.yaml can't be read: there is no such file\n");
        Path large = Files.writeString(home.resolve("large.yaml"), "#".repeat(6_000_000));
        Typed.Said tooLarge = typed.run("apply", "-f", large.toString());
        assertThat(tooLarge.code()).isEqualTo(1);
        assertThat(tooLarge.text())
                .contains("large.yaml (6000000 characters) is longer than 1048576")
                .hasLineCount(1);
        Typed.Said address = typed.run("status", "--server", "foo:bar");
        assertThat(address.code()).isEqualTo(2);
        assertThat(address.text()).isEqualTo("error: --server (foo:bar) must be HOST:PORT\n");
        assertThat(typed.run("resume").text()).isEqualTo("placement was not halted\n");
        String version = typed.run("--version").text().strip().replace("interposer ", "");
        assertThat(typed.run("status").text()).contains("version " + version);
        assertThat(typed.run("get", "nodes", "-o", "wide").text())
                .contains(version)
                .doesNotContain("development");
        assertThat(typed.run("status", "--server", "127.0.0.1:1").text())
                .contains("can't be reached")
                .doesNotContain("null");
    }

    /** Somebody closes the machine's lid, or the kernel is out of memory: nothing of an `up` gets a last word. */
    @Test
    void whatAKilledUpLeftIsFoundByTheNextOneAndByDown() throws Exception {
        int port = Ports.free();
        int httpPort = Ports.free();
        Process first = typed.up(port, httpPort, "first.log");
        typed.awaitUp(first, "first.log");
        assertThat(typed.run("submit", "examples/too-big.yaml").code()).isZero();
        kill(first);
        assertThat(parts()).hasSizeGreaterThanOrEqualTo(3);

        Process second = typed.up(port, httpPort, "second.log");
        typed.awaitUp(second, "second.log");
        assertThat(Files.readString(home.resolve("second.log"))).contains("which an earlier `up` had left behind");
        assertThat(typed.run("get", "jobs").text()).contains("too-big", "Waiting");
        assertThat(parts().stream().filter(line -> line.contains("quarkus-run.jar")))
                .hasSize(1);
        assertThat(parts().stream().filter(line -> line.contains("interposer-agent.jar")))
                .hasSize(2);
        Process third = typed.up(Ports.free(), Ports.free(), "third.log");
        assertThat(third.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(third.exitValue()).isEqualTo(2);
        assertThat(Files.readString(home.resolve("third.log"))).contains("it runs already, as process " + second.pid());

        kill(second);
        Typed.Said down = typed.run("down");
        assertThat(down.code()).as(down.text()).isZero();
        assertThat(down.text()).contains("server (process", "had been left behind and has ended");
        assertThat(parts()).isEmpty();
        assertThat(typed.run("down").code()).isEqualTo(3);
    }

    @Test
    void aPortThatIsTakenIsSaidInOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Process up = typed.up(taken.getLocalPort(), Ports.free(), "taken.log");
            assertThat(up.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(up.exitValue()).isEqualTo(2);
        }
        assertThat(Files.readAllLines(home.resolve("taken.log")))
                .singleElement()
                .asString()
                .contains("--port", "is taken by another program");
    }

    /** A newcomer who sets HOME means it; a stranger on the machine sees nothing of it. */
    @Test
    void aHomeBelongsToItsOwner() throws Exception {
        Path folder = home.resolve("me");
        ProcessBuilder builder = typed.upBuilder(Ports.free(), Ports.free(), "home.log");
        builder.environment().remove("INTERPOSER_HOME");
        builder.environment().put("HOME", folder.toString());
        Process up = builder.start();
        try {
            typed.awaitUp(up, "home.log");
            Path own = folder.resolve(".interposer");
            for (String name : List.of("", "logs", "agents/sim_h100-0", "postgres", "postgres/data")) {
                assertThat(permissions(own.resolve(name))).as(name).isEqualTo("rwx------");
            }
            assertThat(permissions(own.resolve("postgres/binaries"))).isEqualTo("rwxr-xr-x");
            assertThat(permissions(own.resolve("agents/sim_h100-0/journal"))).isEqualTo("rw-------");
            assertThat(permissions(own.resolve("token"))).isEqualTo("rw-------");
        } finally {
            up.destroy();
            assertThat(up.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static void kill(Process up) throws InterruptedException {
        up.destroyForcibly();
        assertThat(up.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    /** Command lines of what runs on this home. */
    private List<String> parts() {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains(home.toString()))
                .toList();
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
                        "-Dinterposer.grpc.port=" + Ports.free(),
                        "-Dquarkus.http.port=" + Ports.free(),
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

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
