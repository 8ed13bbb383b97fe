package dev.interposer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a checkout of its own, with a Java and a build that only say what they were told. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LauncherTest {
    /** One that trains makes the cache, or waits for its end where a file says so. */
    private static final String JAVA = """
            #!/bin/sh
            for word in "$@"; do
                case $word in
                -XX:AOTCacheOutput=*)
                    if [ -e "$0.waits" ]; then
                        echo "$PPID $$" > "$0.trainer.new"
                        mv "$0.trainer.new" "$0.trainer"
                        exec sleep 60
                    fi
                    echo made > "${word#*=}"
                    exit;;
                esac
            done
            echo "$@"
            """;

    private static final String BUILD = """
            #!/bin/sh
            echo built >> builds
            sleep 2
            touch scheduler/cli/target/interposer-cli.jar agent/target/interposer-agent.jar
            touch scheduler/server/target/quarkus-app/quarkus-run.jar
            """;

    @TempDir
    private Path folder;

    private Path root;
    private Path java;
    private Path cache;
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void checkout() throws IOException {
        root = Files.createDirectory(folder.resolve("root"));
        Path own = Path.of("../..");
        Files.copy(own.resolve("interposer"), root.resolve("interposer"));
        Files.createDirectory(root.resolve(".mvn"));
        Files.copy(own.resolve(".mvn/find-jdk.sh"), root.resolve(".mvn/find-jdk.sh"));
        Files.writeString(root.resolve("pom.xml"), "<project/>");
        for (String part :
                List.of("proto", "scheduler/cli/target", "scheduler/server/target/quarkus-app", "agent/target")) {
            Files.createDirectories(root.resolve(part));
        }
        program(root.resolve("mvnw"), BUILD);
        java = program(Files.createDirectories(folder.resolve("jdk/bin")).resolve("java"), JAVA);
        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\n");
        cache = root.resolve("scheduler/cli/target/interposer-cli.jar.aot");
    }

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void twoFirstCommandsBuildOnce() throws Exception {
        Process first = launch(List.of());
        Process second = launch(List.of());
        assertThat(said(first) + said(second)).contains("building;", "another command builds; waiting for it");
        assertThat(root.resolve("builds")).hasContent("built");
    }

    @Test
    void aCheckoutOfSomebodyElseIsUsedInSilence() throws Exception {
        build();
        List<Path> all = new ArrayList<>();
        try (var files = Files.walk(folder)) {
            files.forEach(all::add);
        }
        for (Path file : all) {
            Files.setPosixFilePermissions(
                    file,
                    PosixFilePermissions.fromString(
                            Files.isDirectory(file) || Files.isExecutable(file) ? "r-xr-xr-x" : "r--r--r--"));
        }
        List<String> somebodyElse = System.getProperty("user.name").equals("root")
                ? List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
                : List.of();
        assertThat(said(launch(somebodyElse))).endsWith("get jobs\n").hasLineCount(1);
        for (Path file : all) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void aKilledTrainerLeavesNoLock() throws Exception {
        build();
        Files.writeString(Path.of(java + ".waits"), "");
        said(launch(List.of()));
        Path trainer = Path.of(java + ".trainer");
        await(trainer, true);
        assertThat(lock()).exists();
        for (String pid : Files.readString(trainer).strip().split(" ", -1)) {
            ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroy();
        }
        await(lock(), false);
        Files.delete(Path.of(java + ".waits"));
        said(launch(List.of()));
        await(cache, true);
    }

    @Test
    void aLockThatIsLeftOverIsTakenAway() throws Exception {
        build();
        Files.createDirectory(lock());
        said(launch(List.of()));
        Thread.sleep(1000);
        assertThat(cache).as("while another may train").doesNotExist();
        Files.setLastModifiedTime(lock(), FileTime.from(Instant.now().minus(Duration.ofMinutes(11))));
        said(launch(List.of()));
        await(cache, true);
        assertThat(said(launch(List.of()))).contains("-XX:AOTCache=" + cache);
    }

    private Path lock() {
        return Path.of(cache + ".lock");
    }

    private void build() throws Exception {
        Process building =
                new ProcessBuilder("sh", "./mvnw").directory(root.toFile()).start();
        assertThat(building.waitFor()).isZero();
        // The file system's clock may be coarser than what the launcher compares.
        Instant earlier = Instant.now().minus(Duration.ofMinutes(1));
        Files.setLastModifiedTime(root.resolve("pom.xml"), FileTime.from(earlier));
    }

    private Process launch(List<String> before) throws IOException {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of("sh", root.resolve("interposer").toString(), "get", "jobs"));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        builder.environment().remove("INTERPOSER_NO_BUILD");
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static Path program(Path file, String text) throws IOException {
        Files.writeString(file, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void await(Path file, boolean there) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (Files.exists(file) != there && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
        assertThat(Files.exists(file)).as(file.toString()).isEqualTo(there);
    }

    /** All of it, once it has ended and what it started says no more. */
    private String said(Process process) throws Exception {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
