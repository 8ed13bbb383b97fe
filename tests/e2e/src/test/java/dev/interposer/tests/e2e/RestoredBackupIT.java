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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * PostgreSQL dies and comes back as an old copy of itself, under work that runs. The servers are started anew, as after
 * a loss of their machines, so that nothing but the agents remembers.
 */
class RestoredBackupIT {
    private Path evidence = Path.of("");

    @Test
    void whatRunsGoesOnAndIsNotStartedAgain() throws Exception {
        try (Installation installation = new Installation(1, "-Dinterposer.lease.listen-after=1s")) {
            Requests.applySamples(installation);
            startAgent(installation);
            evidence = Files.createDirectory(installation.home().resolve("evidence"));
            for (String name : List.of("known-1", "known-2", "short")) {
                submit(installation, name, 8);
                awaitPhase(installation, name, "Running");
            }
            // These find no room before the backup is made; the first one runs by the time it is restored.
            submit(installation, "waits-1", 8);
            submit(installation, "waits-2", 8);
            Path backup = installation.postgres().backUp();
            Files.createFile(evidence.resolve("finish-short"));
            awaitPhase(installation, "waits-1", "Running");
            submit(installation, "unknown", 0);
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
            submit(installation, "after", 0);
            for (String name : List.of("known-1", "known-2", "waits-1", "waits-2", "unknown", "after")) {
                Files.createFile(evidence.resolve("finish-" + name));
            }
            for (String name : List.of("known-1", "known-2", "waits-1", "waits-2", "short", "after")) {
                awaitPhase(installation, name, "Succeeded");
            }
            check(installation);
        }
    }

    private void check(Installation installation) throws Exception {
        installation.stopProcesses();
        LedgerFacts ledger = LedgerWitness.read(installation.postgres().port());
        Verdict verdict =
                new Verdict(ledger).agentsWrote(installation.journals()).workersLeft(evidence);
        // The ledger that assigned them is gone, and with it what it said of "unknown".
        assertThat(verdict.violations()).allMatch(violation -> violation.endsWith("and the ledger never assigned it"));
        try (Stream<Path> marks = Files.list(evidence)) {
            assertThat(marks.map(mark -> mark.getFileName().toString()))
                    .as("who began and who ended well; what ended before the restore was lost with it, and ran again")
                    .contains("known-1-1", "known-1-1.end", "known-2-1.end", "waits-1-1.end", "unknown-1.end")
                    .contains("after-65537.end", "waits-2-65537.end")
                    .doesNotContain("known-1-2", "known-1-65537", "waits-1-65537", "unknown-65537");
        }
    }

    /** A job that marks its beginning, waits for a file, and marks its end. */
    private void submit(Installation installation, String name, int devices) throws IOException {
        String mark = "\"" + evidence + "/$INTERPOSER_JOB-$INTERPOSER_ATTEMPT\"";
        String script = "mkdir " + mark + " || echo " + name + " >> '" + evidence + "/twice'; while ! [ -e '" + evidence
                + "/finish-" + name + "' ]; do sleep 0.1; done; mkdir " + mark + ".end";
        SubmitRequest request = devices == 0
                ? Requests.cpuJob(name, "sh", "-c", script)
                : Requests.job(name, "amd-mi300x", devices, "sh", "-c", script);
        installation.jobs().submit(request);
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
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        installation.awaitLeader();
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
