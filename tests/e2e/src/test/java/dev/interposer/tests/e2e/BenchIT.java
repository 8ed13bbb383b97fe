package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench live} measures a real installation: here a small one, for a few seconds, for the counts alone. */
class BenchIT {
    private static final int RATE = 100;
    private static final int SECONDS = 5;

    @TempDir
    private Path folder;

    @Test
    void everyAcknowledgedJobIsSeenAndBegunOnce() throws Exception {
        Path out = folder.resolve("result.json");
        Path err = folder.resolve("progress.txt");
        ProcessBuilder builder = new ProcessBuilder(
                        "sh",
                        "./interposer",
                        "bench",
                        "live",
                        "--fleet-size",
                        "50",
                        "--rate",
                        Integer.toString(RATE),
                        "--backlog",
                        "200",
                        "--warmup",
                        "1s",
                        "--measure",
                        (SECONDS - 1) + "s",
                        "--folder",
                        folder.resolve("run").toString(),
                        "-o",
                        "json")
                .directory(Installation.root().toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("INTERPOSER_NO_BUILD", "1");
        Process bench = builder.start();
        try {
            assertThat(bench.waitFor(180, TimeUnit.SECONDS)).isTrue();
        } finally {
            bench.destroy();
        }
        String json = Files.readString(out);
        assertThat(bench.exitValue()).as(json + Files.readString(err)).isZero();
        assertThat(number(json, "acknowledged")).isEqualTo(RATE * SECONDS);
        assertThat(number(json, "refused")).isZero();
        assertThat(number(json, "lost")).isZero();
        assertThat(number(json, "doubled")).isZero();
        assertThat(number(json, "durableJobsPerSecond")).isPositive();
        assertThat(number(json, "p99Millis")).isGreaterThanOrEqualTo(number(json, "p50Millis"));
        assertThat(number(json, "p50Millis")).isPositive();
        assertThat(number(json, "walBytes")).isPositive();
        // The backlog fills the scarce nodes and the rest of it waits.
        assertThat(number(json, "workers that agents began")).isEqualTo(RATE * SECONDS + 4);
        assertThat(ProcessHandle.allProcesses()
                        .filter(process ->
                                process.info().commandLine().orElse("").contains(folder.toString())))
                .isEmpty();
    }

    private static double number(String json, String name) {
        Matcher matcher = Pattern.compile("\"" + name + "\" : \"?([0-9.E]+)").matcher(json);
        assertThat(matcher.find()).as(name + " in " + json).isTrue();
        return Double.parseDouble(matcher.group(1));
    }
}
