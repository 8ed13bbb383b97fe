package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers that run beside each other, as plain processes. */
class EvidenceTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void twoAttemptsAtOnceSeeEachOther() throws Exception {
        Evidence evidence = Evidence.in(folder);
        Process first = begin(evidence, "job", 1, "one", 1000);
        Process second = begin(evidence, "job", 2, "two", 1000);
        kill(first, second);
        assertThat(evidence.overlaps()).containsExactly("job-2-0 found job-0 held");
    }

    @Test
    void theSameAttemptTwiceIsSeen() throws Exception {
        Evidence evidence = Evidence.in(folder);
        kill(begin(evidence, "job", 1, "one", 1000));
        kill(begin(evidence, "job", 1, "one", 1000));
        assertThat(evidence.overlaps()).containsExactly("job-1-0 began twice");
    }

    @Test
    void twoOnOneDeviceSeeEachOther() throws Exception {
        Evidence evidence = Evidence.in(folder);
        Process whole = begin(evidence, "whole", 1, "a,b,c,d,e,f,g,one", 1000);
        Process share = begin(evidence, "share", 1, "one", 500);
        kill(whole, share);
        assertThat(evidence.overlaps()).containsExactly("share-1-0 found one held");
    }

    @Test
    void sharesGoBesideEachOther() throws Exception {
        Evidence evidence = Evidence.in(folder);
        kill(begin(evidence, "share", 1, "one", 500), begin(evidence, "another", 1, "one", 500));
        assertThat(evidence.overlaps()).isEmpty();
    }

    @Test
    void oneThatWasKilledLeavesNothingHeld() throws Exception {
        Evidence evidence = Evidence.in(folder);
        kill(begin(evidence, "job", 1, "one", 1000));
        kill(begin(evidence, "job", 2, "one", 1000));
        assertThat(evidence.overlaps()).isEmpty();
        assertThat(evidence.begun()).containsExactlyInAnyOrder("job-1-0", "job-2-0");
    }

    /** Returns when it has all that it could get. */
    private static Process begin(Evidence evidence, String job, int attempt, String devices, int milli)
            throws IOException, InterruptedException {
        Path ready = evidence.folder().resolve("ready");
        Files.deleteIfExists(ready);
        ProcessBuilder builder = new ProcessBuilder(evidence.command("sh", "-c", "touch ready; exec sleep 60"));
        builder.environment()
                .putAll(Map.of(
                        "INTERPOSER_JOB",
                        job,
                        "INTERPOSER_ATTEMPT",
                        Integer.toString(attempt),
                        "RANK",
                        "0",
                        "INTERPOSER_DEVICES",
                        devices,
                        "INTERPOSER_SHARE_MILLI",
                        Integer.toString(milli)));
        Process process = builder.inheritIO().start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!Files.exists(ready)) {
            assertThat(System.nanoTime()).as("the worker began").isLessThan(deadline);
            Thread.sleep(10);
        }
        return process;
    }

    /** Hard, and what it began first, as an agent does with the group of a worker. */
    private static void kill(Process... processes) throws InterruptedException {
        for (Process process : processes) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
    }
}
