package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.fleet.v1.ResumePlacementRequest;
import dev.interposer.proto.fleet.v1.StatusRequest;
import dev.interposer.proto.fleet.v1.StatusResponse;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.SubmitRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * PostgreSQL dies and comes back as an old copy of itself, under work that runs. The servers are started anew, as after
 * a loss of their machines, so that nothing but the agents remembers.
 */
class RestoredBackupIT {
    @Test
    void whatRunsGoesOnAndIsNotStartedAgain() throws Exception {
        try (Installation installation = new Installation(1, "-Dinterposer.lease.listen-after=1s")) {
            Requests.applySamples(installation);
            startAgent(installation);
            Evidence evidence = Evidence.in(installation.home().resolve("evidence"));
            for (String name : List.of("known-1", "known-2", "short")) {
                submit(installation, evidence, name, 8);
                awaitPhase(installation, name, "Running");
            }
            // These find no room before the backup is made; the first one runs by the time it is restored.
            submit(installation, evidence, "waits-1", 8);
            submit(installation, evidence, "waits-2", 8);
            Path backup = installation.postgres().backUp();
            Files.createFile(evidence.folder().resolve("finish-short"));
            awaitPhase(installation, "waits-1", "Running");
            long unknown = submit(installation, evidence, "unknown", 0);
            awaitPhase(installation, "unknown", "Running");

            installation.server(0).destroyForcibly().waitFor();
            installation.postgres().kill();
            installation.postgres().restore(backup);
            Thread.sleep(1_500);
            installation.restartServer(0);
            StatusResponse halted = awaitHalted(installation);
            assertThat(halted.getIncarnation()).isEqualTo(2);
            assertThat(job(installation, "known-1").getPhase()).isEqualTo("Running");
            awaitPhase(installation, "waits-1", "Running");
            assertThat(job(installation, "waits-1").getGangs(0).getAttempt()).isEqualTo(1);

            installation.fleet().resumePlacement(ResumePlacementRequest.getDefaultInstance());
            submit(installation, evidence, "after", 0);
            for (String name : List.of("known-1", "known-2", "waits-1", "waits-2", "unknown", "after")) {
                Files.createFile(evidence.folder().resolve("finish-" + name));
            }
            for (String name : List.of("known-1", "known-2", "waits-1", "waits-2", "short", "after")) {
                awaitPhase(installation, name, "Succeeded");
            }
            check(installation, evidence, unknown);
        }
    }

    private static void check(Installation installation, Evidence evidence, long unknown) throws Exception {
        installation.stopProcesses();
        LedgerFacts ledger = LedgerWitness.read(installation.postgres().port());
        Verdict verdict =
                new Verdict(ledger).agentsWrote(installation.journals()).workersLeft(evidence);
        // The ledger that assigned it is gone, and with it all that was said of this one.
        assertThat(verdict.violations())
                .containsExactly("worker " + unknown + " 0 1 0 was begun and the ledger never assigned it");
        assertThat(evidence.begun())
                .as("who began and who ended well; what ended before the restore was lost with it, and ran again")
                .containsExactlyInAnyOrder(
                        "known-1-1-0",
                        "known-1-1-0.end",
                        "known-2-1-0",
                        "known-2-1-0.end",
                        "waits-1-1-0",
                        "waits-1-1-0.end",
                        "unknown-1-0",
                        "unknown-1-0.end",
                        "short-1-0",
                        "short-1-0.end",
                        "short-65537-0",
                        "short-65537-0.end",
                        "waits-2-65537-0",
                        "waits-2-65537-0.end",
                        "after-65537-0",
                        "after-65537-0.end");
    }

    /** A job that leaves its marks, waits for a file, and marks its end. */
    private static long submit(Installation installation, Evidence evidence, String name, int devices)
            throws IOException {
        String[] command = evidence.command(
                "sh",
                "-c",
                "while ! [ -e finish-" + name + " ]; do sleep 0.1; done;"
                        + " mkdir \"$INTERPOSER_JOB-$INTERPOSER_ATTEMPT-$RANK.end\"");
        SubmitRequest request =
                devices == 0 ? Requests.cpuJob(name, command) : Requests.job(name, "amd-mi300x", devices, command);
        return installation.jobs().submit(request).getJobId();
    }

    private static void startAgent(Installation installation) throws IOException, InterruptedException {
        Path nodes = Files.writeString(installation.home().resolve("real.yaml"), """
                nodes:
                - name: sim/mi300x-{0..2}
                  capacity: {cpu: 96, memory: 768Gi}
                  devices: {count: 8, model: amd-mi300x, vendor: amd, memory: 192G}
                """);
        installation.startAgent("real", nodes);
        installation.awaitNodes(3);
    }

    private static Job job(Installation installation, String name) throws IOException {
        return installation
                .jobs()
                .get(GetRequest.newBuilder().setJob(Requests.reference(name)).build());
    }

    private static void awaitPhase(Installation installation, String name, String phase)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        Job job = job(installation, name);
        while (!job.getPhase().equals(phase)) {
            assertThat(System.nanoTime()).as("waits for %s: %s", phase, job).isLessThan(deadline);
            Thread.sleep(50);
            job = job(installation, name);
        }
    }

    private static StatusResponse awaitHalted(Installation installation) throws IOException, InterruptedException {
        installation.awaitLeader();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        StatusResponse status = installation.fleet().status(StatusRequest.getDefaultInstance());
        while (status.getPlacementHalted().isEmpty() || status.getAgentsConnected() < 3) {
            assertThat(System.nanoTime())
                    .as("no restored backup seen: %s", status)
                    .isLessThan(deadline);
            Thread.sleep(50);
            status = installation.fleet().status(StatusRequest.getDefaultInstance());
        }
        return status;
    }
}
