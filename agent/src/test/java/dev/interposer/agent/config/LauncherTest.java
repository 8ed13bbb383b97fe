package dev.interposer.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the launcher starts the agent with a cache and when without, with a Java that only says what it was told. */
class LauncherTest {
    private static final String JAVA = """
            #!/bin/sh
            case " $* " in
            *" practice "*) for last; do :; done; echo made > "$last";;
            *) echo "$@";;
            esac
            """;

    @TempDir
    Path folder;

    private Path app;
    private Path java;

    private record Said(int code, String text) {}

    @BeforeEach
    void install() throws Exception {
        app = Files.createDirectories(folder.resolve("app"));
        Files.copy(Path.of("interposer-agent"), app.resolve("interposer-agent"));
        run(List.of("chmod", "755", app.resolve("interposer-agent").toString()), Map.of());
        Files.writeString(app.resolve("agent.jvmoptions"), "-Xmx32m\n");
        Files.writeString(app.resolve("interposer-agent.jar"), "jar");
        Files.writeString(Files.createDirectories(app.resolve("lib")).resolve("a.jar"), "jar");
        java = jdk("25.0.1");
    }

    @Test
    void anAgentStartsWithoutACacheAndWithItOnceItIsMade() throws Exception {
        Path caches = folder.resolve("caches");
        assertThat(agent(caches, "--server", "a:1").text())
                .isEqualTo("@" + app + "/agent.jvmoptions -jar " + app + "/interposer-agent.jar --server a:1\n");
        assertThat(launch(caches, "practice", caches.toString()).code()).isZero();
        assertThat(agent(caches, "--server", "a:1").text())
                .isEqualTo("@" + app + "/agent.jvmoptions -XX:AOTCache=" + caches + "/" + only(caches) + " -jar " + app
                        + "/interposer-agent.jar --server a:1\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(caches)))
                .isEqualTo("rwx------");
    }

    @Test
    void aCacheOfAnotherJavaAnotherBuildOrOtherOptionsIsNotTaken() throws Exception {
        Path caches = folder.resolve("caches");
        launch(caches, "practice", caches.toString());
        assertThat(agent(caches).text()).contains("AOTCache");
        java = jdk("25.0.2");
        assertThat(agent(caches).text()).doesNotContain("AOTCache");
        java = jdk("25.0.1");
        assertThat(agent(caches).text()).contains("AOTCache");
        Files.writeString(app.resolve("agent.jvmoptions"), "-Xmx33m\n");
        assertThat(agent(caches).text()).doesNotContain("AOTCache");
        Files.writeString(app.resolve("agent.jvmoptions"), "-Xmx32m\n");
        Files.writeString(app.resolve("lib/a.jar"), "another jar");
        assertThat(agent(caches).text()).doesNotContain("AOTCache");
    }

    @Test
    void whatOthersCanWriteIsNeitherTakenNorFilled() throws Exception {
        Path caches = folder.resolve("caches");
        launch(caches, "practice", caches.toString());
        Files.setPosixFilePermissions(caches, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(agent(caches).text()).doesNotContain("AOTCache");
        assertThat(launch(caches, "practice", caches.toString()).code()).isEqualTo(1);
        Path link =
                Files.createSymbolicLink(folder.resolve("link"), Files.createDirectory(folder.resolve("elsewhere")));
        assertThat(launch(link, "practice", link.toString()).code()).isEqualTo(1);
        assertThat(folder.resolve("elsewhere")).isEmptyDirectory();
    }

    @Test
    void anAgentStartsWhereNoCacheCanBeMade() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        assertThat(agent(file.resolve("caches"), "--server", "a:1").code()).isZero();
        assertThat(launch(file, "practice", file.resolve("caches").toString()).code())
                .isEqualTo(1);
        assertThat(agent(Path.of("none"), "--server", "a:1").text()).contains("--server a:1");
    }

    @Test
    void ofTwoThatMakeItAtOnceOneDoes() throws Exception {
        Path caches = folder.resolve("caches");
        Files.createDirectories(
                caches.resolve("making"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.setPosixFilePermissions(caches, PosixFilePermissions.fromString("rwx------"));
        assertThat(launch(caches, "practice", caches.toString()).code()).isEqualTo(1);
        assertThat(agent(caches, "--server", "a:1").text()).doesNotContain("AOTCache");
        Files.delete(caches.resolve("making"));
        assertThat(launch(caches, "practice", caches.toString()).code()).isZero();
    }

    @Test
    void theFirstStartMakesTheCacheOfTheNextInTheStateFolder() throws Exception {
        Path state = Files.createDirectories(folder.resolve("state"));
        assertThat(launch(null, "--state-dir", state.toString()).text()).doesNotContain("AOTCache");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!launch(null, "--state-dir", state.toString())
                .text()
                .contains("-XX:AOTCache=" + state + "/cache/agent-")) {
            assertThat(System.nanoTime()).as("waited 60 s").isLessThan(deadline);
            Thread.sleep(500);
        }
        assertThat(state.resolve("cache/making")).doesNotExist();
    }

    @Test
    void anotherJavaThan25IsRefusedInWords() throws Exception {
        java = jdk("21.0.2");
        Said said = agent(folder.resolve("caches"));
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.text()).contains(java.toString(), "is no Java 25");
    }

    private Said agent(Path caches, String... words) throws Exception {
        return launch(caches, words);
    }

    private Said launch(@Nullable Path caches, String... words) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(app.resolve("interposer-agent").toString()));
        command.addAll(List.of(words));
        return run(
                command,
                caches == null
                        ? Map.of("JAVA_HOME", java.toString())
                        : Map.of("JAVA_HOME", java.toString(), "INTERPOSER_CACHE", caches.toString()));
    }

    private static Said run(List<String> command, Map<String, String> environment) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("INTERPOSER") || name.startsWith("CACHE_"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Said(process.exitValue(), text);
    }

    private Path jdk(String version) throws Exception {
        Path home = Files.createDirectories(folder.resolve("jdk-" + version.substring(0, 2)));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        Path program =
                Files.writeString(Files.createDirectories(home.resolve("bin")).resolve("java"), JAVA);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return home;
    }

    private static String only(Path caches) throws IOException {
        try (Stream<Path> files = Files.list(caches)) {
            List<String> names =
                    files.map(file -> file.getFileName().toString()).toList();
            assertThat(names).singleElement().asString().matches("agent-.*\\.aot");
            return names.getFirst();
        }
    }
}
