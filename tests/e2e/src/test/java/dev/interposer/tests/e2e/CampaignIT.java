package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.job.v1.SubmitRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Faults of every kind, round after round, under live load: {@code -Dinterposer.rounds=100} for many,
 * {@code -Dinterposer.seed=N} for the same ones again.
 */
class CampaignIT {
    private static final int ROUNDS = Integer.getInteger("interposer.rounds", 5);
    private static final long SEED = Long.getLong("interposer.seed", System.nanoTime() % 1_000_000);
    private static final long PAUSE_MILLIS = 60;
    private static final long MOST_STILL_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** One job in so many is a real process. */
    private static final int REAL = 8;

    @Test
    void nothingAcknowledgedIsLostAndNothingRunsTwice() throws Exception {
        System.out.println("campaign: seed " + SEED + ", " + ROUNDS + " rounds");
        try (Installation installation = new Installation(2)) {
            Requests.applySamples(installation);
            startAgents(installation);
            Path evidence = Files.createDirectory(installation.home().resolve("evidence"));
            Load load = Load.of(installation, PAUSE_MILLIS, number -> job(number, evidence));
            Watcher watcher = Watcher.begin(installation);
            Campaign campaign = new Campaign(installation, SEED);
            load.awaitMore(20);
            for (int round = 1; round <= ROUNDS; round++) {
                long begun = System.nanoTime();
                List<Fault> faults = campaign.round();
                long mended = System.nanoTime();
                load.awaitMore(10);
                System.out.printf(
                        "round %d: %s; %d ms, then 10 jobs in %d ms; %d acknowledged%n",
                        round,
                        faults,
                        TimeUnit.NANOSECONDS.toMillis(mended - begun),
                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - mended),
                        load.acknowledged());
            }
            load.end();
            awaitAllEnded(installation, load);
            Map<Long, Long> shown = watcher.end();
            installation.stopProcesses();
            check(installation, load, shown, evidence);
        }
    }

    private static void check(Installation installation, Load load, Map<Long, Long> shown, Path evidence)
            throws IOException, SQLException {
        LedgerFacts ledger = LedgerWitness.read(installation.postgres().port());
        Verdict verdict = new Verdict(ledger)
                .clientsWereTold(load.told())
                .watchersWereShown(shown)
                .agentsWrote(installation.journals())
                .workersLeft(evidence);
        System.out.printf(
                "campaign: %d jobs acknowledged, %d workers begun, %d changes watched, %d holds, %d violations%n",
                load.acknowledged(),
                verdict.begun(),
                shown.size(),
                ledger.holds(),
                verdict.violations().size());
        assertThat(verdict.violations())
                .as("seed %d; see %s", SEED, installation.home())
                .isEmpty();
        assertThat(verdict.begun()).isGreaterThanOrEqualTo(load.acknowledged());
        assertThat(shown).isNotEmpty();
        try (var folders = Files.list(evidence)) {
            assertThat(folders.count()).isPositive();
        }
    }

    private static void startAgents(Installation installation) throws IOException, InterruptedException {
        Path simulated = Files.writeString(installation.home().resolve("simulated.yaml"), """
                nodes:
                - name: sim/a1-{0..7}
                  capacity: {cpu: 96, memory: 768Gi}
                  devices: {count: 8, model: inhouse-a1, vendor: inhouse, memory: 96G}
                  simulatedSeconds: 0.3
                """);
        Path real = Files.writeString(installation.home().resolve("real.yaml"), """
                nodes:
                - name: sim/mi300x-{0..1}
                  capacity: {cpu: 96, memory: 768Gi}
                  devices: {count: 8, model: amd-mi300x, vendor: amd, memory: 192G}
                """);
        installation.startAgent("simulated", simulated);
        installation.startAgent("real", real);
        installation.awaitNodes(10);
    }

    private static SubmitRequest job(int number, Path evidence) {
        if (number % REAL != 0) {
            return Requests.job("job-" + number, "inhouse-a1", 1 + number % 8, "true");
        }
        String name = "\"$INTERPOSER_JOB-$INTERPOSER_ATTEMPT-$RANK\"";
        String script = "cd '" + evidence + "' && { mkdir " + name + " || echo " + name + " >> twice; sleep "
                + number % 5 + "; }";
        return Requests.job("job-" + number, "amd-mi300x", 1 + number % 4, "sh", "-c", script);
    }

    /** However long what waits takes, as long as something ends. */
    private static void awaitAllEnded(Installation installation, Load load) throws InterruptedException, SQLException {
        int ended = 0;
        long endedNanos = System.nanoTime();
        while (ended < load.acknowledged() && System.nanoTime() - endedNanos < MOST_STILL_NANOS) {
            Thread.sleep(500);
            int now = LedgerWitness.read(installation.postgres().port()).endedJobs();
            if (now > ended) {
                ended = now;
                endedNanos = System.nanoTime();
            }
        }
    }
}
