package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.fleet.v1.ClassThroughput;
import dev.interposer.proto.fleet.v1.Conversion;
import dev.interposer.proto.fleet.v1.FamilyThroughput;
import dev.interposer.proto.fleet.v1.GetConversionRequest;
import dev.interposer.proto.job.v1.SubmitRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loops of two languages on a real agent write how far they are, and become rows of the conversion table. */
class ConversionIT {
    /** They go on where the examples end. */
    private static final String SHELL =
            ". EXAMPLE; step=3; while :; do sleep 1; step=$((step + 1));" + " progress $((step * 4096)); done";

    private static final String PYTHON = """
            import time
            exec(open("EXAMPLE").read())
            step = 3
            while True:
                time.sleep(0.5)
                step += 1
                progress(step * 32)
            """;

    private static final String NODE = """
            nodes:
            - name: lab/one
              capacity: {cpu: 8, memory: 8Gi}
              devices: {count: 4, model: inhouse-a1, vendor: inhouse, memory: 96G}
            """;

    @TempDir
    private Path folder;

    @Test
    void whatLoopsSayIsSeenMeasuredAndGoesOnUnderAnotherLeader() throws Exception {
        try (Installation installation = new Installation(
                2,
                "-Dinterposer.throughput.every=1s",
                "-Dinterposer.throughput.least-time=4s",
                "-Dinterposer.throughput.least-spans=2")) {
            installation.awaitLeader();
            Requests.applySamples(installation);
            Files.writeString(folder.resolve("nodes"), NODE);
            installation.startAgent("one", folder.resolve("nodes"));
            installation.awaitNodes(1);
            submitLoops(installation);

            Typed typed = new Typed(installation.home());
            int leader = installation.awaitLeader();
            ClassThroughput tokens = await(() -> only(installation, "llm", "tokens"));
            ClassThroughput samples = await(() -> only(installation, "vision", "samples"));

            // 4096 tokens a second on two chips, 64 samples a second on one, fewer on a busy machine; an agent
            // looks each 2 s, and of 4 s that is one step more or less.
            assertThat(tokens.getMedianMicro()).isBetween(500_000_000L, 3_300_000_000L);
            assertThat(samples.getMedianMicro()).isBetween(15_000_000L, 110_000_000L);
            assertThat(tokens.getMostChips()).isEqualTo(2);
            assertThat(tokens.hasFirstQuartileMicro()).as("of one attempt").isFalse();

            Typed.Said jobs = typed.run("get", "jobs", "-o", "wide", "--server", installation.address());
            assertThat(jobs.text()).contains("PROGRESS").containsPattern("\\d+ tokens, \\d+/s");
            assertThat(jobs.text()).containsPattern("\\d+ samples, \\d+/s");
            assertThat(typed.run("explain", "steps", "-n", "research", "--server", installation.address())
                            .text())
                    .contains("its progress is refused", "not comparable");
            assertThat(typed.run("explain", "differs", "-n", "research", "--server", installation.address())
                            .text())
                    .contains("its progress is refused", "spec.progress.unit (samples)");
            Typed.Said table = typed.run("convert", "--server", installation.address());
            assertThat(table.text())
                    .as(table.text())
                    .containsPattern("llm +inhouse-a1 +\\d+ tokens/s +too few +1 +1 +- +1000 inhouse-a1")
                    .containsPattern("vision +inhouse-a1 +[\\d.]+ samples/s");
            assertThat(typed.run("convert", "none", "--server", installation.address()))
                    .satisfies(said -> assertThat(said.code()).isEqualTo(3))
                    .satisfies(said -> assertThat(said.text()).contains("spec.workloadFamily (none)"));
            String token =
                    Files.readString(installation.home().resolve("token")).strip();
            assertThat(installation
                            .get("/api/v1/conversion?workloadFamily=llm&referenceClass=inhouse-a1", token)
                            .body())
                    .contains("\"workloadFamily\": \"llm\"", "\"medianMicro\"");

            installation.server(leader).destroyForcibly().waitFor();
            assertThat(installation.awaitLeader()).isNotEqualTo(leader);
            installation.restartServer(leader);
            long before = tokens.getDeviceSeconds();
            ClassThroughput after = await(() -> {
                ClassThroughput now = only(installation, "llm", "tokens");
                // What the first leader measured after it was asked, and 4 s of the second at least.
                return now != null && now.getDeviceSeconds() >= before + 16 ? now : null;
            });
            assertThat(after.getAttempts()).isEqualTo(1);
            assertThat(after.getMedianMicro()).isBetween(500_000_000L, 3_300_000_000L);
        }
    }

    private static void submitLoops(Installation installation) throws Exception {
        Path examples = installation.example("progress");
        String shell = SHELL.replace("EXAMPLE", examples.resolve("progress.sh").toString());
        String python =
                PYTHON.replace("EXAMPLE", examples.resolve("progress.py").toString());
        submit(installation, Requests.job("speaks", "inhouse-a1", 2, "sh", "-c", shell), "llm", "tokens");
        submit(installation, Requests.job("sees", "inhouse-a1", 1, "python3", "-c", python), "vision", "samples");
        submit(installation, says("steps", "steps 5"), "llm", "tokens");
        submit(installation, says("differs", "tokens 5"), "vision", "samples");
    }

    private static SubmitRequest says(String name, String line) {
        return Requests.cpuJob(name, "sh", "-c", "echo " + line + " >> $INTERPOSER_PROGRESS_FILE; sleep 600");
    }

    private static void submit(Installation installation, SubmitRequest job, String family, String unit)
            throws Exception {
        SubmitRequest.Builder request = job.toBuilder();
        request.getSpecBuilder()
                .setWorkloadFamily(family)
                .getTrainingBuilder()
                .getProgressBuilder()
                .setUnit(unit);
        installation.jobs(installation.awaitLeader()).submit(request.build());
    }

    /** Of the first server that answers; null as long as nothing is measured. */
    private static @Nullable ClassThroughput only(Installation installation, String family, String unit)
            throws Exception {
        Conversion conversion;
        try {
            installation.reconnect();
            conversion = installation
                    .fleet()
                    .getConversion(GetConversionRequest.newBuilder()
                            .setWorkloadFamily(family)
                            .build());
        } catch (StatusRuntimeException e) {
            return null;
        }
        if (conversion.getFamiliesCount() == 0) {
            assertThat(conversion.getAdvice()).contains(family);
            return null;
        }
        assertThat(conversion.getFamiliesList()).hasSize(1);
        FamilyThroughput found = conversion.getFamilies(0);
        assertThat(found.getUnit()).isEqualTo(unit);
        assertThat(found.getClassesList()).hasSize(1);
        return found.getClasses(0);
    }

    private static ClassThroughput await(Callable<@Nullable ClassThroughput> measured) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        ClassThroughput found = measured.call();
        while (found == null) {
            assertThat(System.nanoTime()).as("90 s and nothing measured").isLessThan(deadline);
            Thread.sleep(200);
            found = measured.call();
        }
        return found;
    }
}
