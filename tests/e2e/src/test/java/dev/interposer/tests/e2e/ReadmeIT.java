package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The README's commands print what it says they print. Times, ages, ids and speeds may differ, and whether a job of a
 * few seconds has ended yet.
 */
class ReadmeIT {
    private static final String FIRST = "./interposer ";
    private static final String REPLAY = "./interposer replay ";
    private static final long PATIENCE_SECONDS = 60;

    @TempDir
    private Path home;

    /** One line after a prompt, and what stands below it. */
    private record Shown(String command, String output) {}

    @Test
    void theTourIsTrue() throws Exception {
        List<Shown> tour = shown().stream()
                .filter(shown -> !shown.command().startsWith(REPLAY))
                .toList();
        assertThat(tour).hasSizeGreaterThan(6);
        assertThat(tour.getFirst().command()).isEqualTo("./interposer up");
        Typed typed = new Typed(home);
        Process up = typed.up(Ports.free(), Ports.free(), "up.log");
        try {
            typed.awaitUp(up, "up.log");
            assertThat(normal(Files.readString(home.resolve("up.log"))))
                    .startsWith(normal(tour.getFirst().output()));
            for (Shown shown : tour.subList(1, tour.size())) {
                check(typed, shown);
            }
        } finally {
            up.destroy();
            assertThat(up.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void theReplayIsTrue() throws Exception {
        String traces = System.getenv("INTERPOSER_TRACES");
        assumeTrue(traces != null, "INTERPOSER_TRACES is not set");
        Shown replay = shown().stream()
                .filter(shown -> shown.command().startsWith(REPLAY))
                .findFirst()
                .orElseThrow();
        check(new Typed(home), new Shown(replay.command().replace("$T", traces + "/openb"), replay.output()));
    }

    /** What takes a moment to become true is asked for again. */
    private static void check(Typed typed, Shown shown) throws IOException, InterruptedException {
        String[] words = shown.command().substring(FIRST.length()).split(" +", -1);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        String said = normal(typed.run(words).text());
        while (!said.equals(normal(shown.output())) && reads(words[0]) && System.nanoTime() < deadline) {
            Thread.sleep(500);
            said = normal(typed.run(words).text());
        }
        assertThat(said).as(shown.command()).isEqualTo(normal(shown.output()));
    }

    /** A verb that may be typed again and changes nothing. */
    private static boolean reads(String verb) {
        return List.of("get", "explain", "logs", "status").contains(verb);
    }

    private static String normal(String text) {
        return text.lines()
                .map(line -> line.replaceAll("\\d+\\.\\ds", "TIME")
                        .replaceAll("\\b\\d+[smhd](\\d+[smh])?(?= |$)", "AGE")
                        .replaceAll("\\d+ placements a second", "N placements a second")
                        .replaceAll("\\d+ µs", "N µs")
                        .replaceAll("127\\.0\\.0\\.1:\\d+", "ADDRESS")
                        .replaceAll("\\S*/(\\.interposer|junit[-\\w]*)/", "HOME/")
                        .replaceAll("(Starting|Running|Succeeded)", "PHASE")
                        .replaceAll(" completed$", " -")
                        .replaceAll(" (\\d/\\d|-)(?= )", " -")
                        .replaceAll("\\bh100-\\d-", "h100-N-")
                        .replaceAll(" +", " ")
                        .strip())
                // Which resource is named as the one that is short is for the engine to better.
                .filter(line -> !line.matches("[A-Z_]+(\\(\\S+\\))? \\d+"))
                .reduce("", (before, line) -> before + line + "\n")
                .strip();
    }

    private static List<Shown> shown() throws IOException {
        List<Shown> shown = new ArrayList<>();
        String readme = Files.readString(Installation.root().resolve("README.md"));
        for (String block : readme.split("```console\n", -1)) {
            String inside = block.startsWith("$ ") ? block.substring(0, block.indexOf("```")) : "";
            // A command may go on in the next line.
            for (String part : inside.replace("\\\n", " ").split("(?m)^\\$ ", -1)) {
                if (part.startsWith(FIRST)) {
                    List<String> lines = Arrays.asList(part.split("\n", -1));
                    shown.add(new Shown(lines.getFirst().strip(), String.join("\n", lines.subList(1, lines.size()))));
                }
            }
        }
        return shown;
    }
}
