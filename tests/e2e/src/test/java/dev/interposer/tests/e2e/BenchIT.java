package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench live} measures a real installation: here a small one, for a few seconds, for the counts alone. */
class BenchIT {
    private static final int RATE = 100;
    private static final int SECONDS = 4;

    /** A second of warm-up, in which the rate rises, holds half as many as one that is measured. */
    private static final int JOBS = RATE * SECONDS + RATE / 2;

    @TempDir
    private Path folder;

    @Test
    void everyAcknowledgedJobIsSeenAndBegunOnce() throws Exception {
        String json = bench("--fleet-size", "50", "--rate", Integer.toString(RATE), "--backlog", "200");
        assertThat(number(json, "acknowledged")).isEqualTo(JOBS);
        assertThat(number(json, "refused")).isZero();
        assertThat(number(json, "lost")).isZero();
        assertThat(number(json, "doubled")).isZero();
        assertThat(number(json, "durableJobsPerSecond")).isPositive();
        assertThat(number(json, "p99Millis")).isGreaterThanOrEqualTo(number(json, "p50Millis"));
        assertThat(number(json, "p50Millis")).isPositive();
        assertThat(number(json, "walBytes")).isPositive();
        // The backlog fills the scarce nodes and the rest of it waits.
        assertThat(number(json, "workers that agents began")).isEqualTo(JOBS + 4);
        assertThat(ProcessHandle.allProcesses()
                        .filter(process ->
                                process.info().commandLine().orElse("").contains(folder.toString())))
                .isEmpty();
    }

    /** The bound on what waits follows the heap: a server with too little of it says so, and goes on. */
    @Test
    void moreThanASmallHeapHoldsIsRefusedAndNothingBreaks() throws Exception {
        String[] heap = {"--server-option=-Xms64m", "--server-option=-Xmx160m"};
        String json = bench("--fleet-size", "10", "--rate", "20", "--backlog", "40000", heap[0], heap[1]);
        assertThat(number(json, "backlogAcknowledged")).isBetween(5_000.0, 20_000.0);
        assertThat(number(json, "acknowledged")).isZero();
        assertThat(number(json, "lost")).isZero();
        assertThat(json).contains("gangs wait already; try again later");
        assertThat(Files.readString(folder.resolve("run/server.log")))
                .doesNotContain("OutOfMemory", "leading no more: an internal error");
    }

    private String bench(String... options) throws Exception {
        Path out = folder.resolve("result.json");
        Path err = folder.resolve("progress.txt");
        List<String> command = new ArrayList<>(List.of("sh", "./interposer", "bench", "live"));
        command.addAll(List.of("--warmup", "1s", "--measure", SECONDS + "s", "-o", "json"));
        command.addAll(List.of("--folder", folder.resolve("run").toString()));
        command.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(Installation.root().toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("INTERPOSER_NO_BUILD", "1");
        Process bench = builder.start();
        try {
            assertThat(bench.waitFor(300, TimeUnit.SECONDS)).isTrue();
        } finally {
            bench.destroy();
        }
        String json = Files.readString(out);
        assertThat(bench.exitValue()).as(json + Files.readString(err)).isZero();
        return json;
    }

    private static double number(String json, String name) {
        Matcher matcher = Pattern.compile("\"" + name + "\" : \"?([0-9.E]+)").matcher(json);
        assertThat(matcher.find()).as(name + " in " + json).isTrue();
        return Double.parseDouble(matcher.group(1));
    }
}
