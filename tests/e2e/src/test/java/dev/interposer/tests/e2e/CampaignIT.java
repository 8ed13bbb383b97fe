package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

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

    @Test
    void nothingAcknowledgedIsLostAndNothingRunsTwice() throws Exception {
        System.out.println("campaign: seed " + SEED + ", " + ROUNDS + " rounds");
        try (Installation installation = new Installation(2)) {
            Requests.applySamples(installation);
            startAgents(installation);
            Evidence evidence = Evidence.in(installation.home().resolve("evidence"));
            CampaignJobs jobs = new CampaignJobs(evidence);
            Load load = Load.of(installation, PAUSE_MILLIS, jobs::job, CampaignJobs::cancelledAfterMillis);
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

    private static void check(Installation installation, Load load, Map<Long, Long> shown, Evidence evidence)
            throws IOException, SQLException {
        LedgerFacts ledger = LedgerWitness.read(installation.postgres().port());
        Verdict verdict = new Verdict(ledger)
                .clientsWereTold(load.told(), load.cancelled())
                .watchersWereShown(shown)
                .agentsWrote(installation.journals())
                .workersLeft(evidence);
        System.out.printf(
                "campaign: %d jobs acknowledged, %d cancelled, %d workers begun, %d of them real,"
                        + " %d given up with their node, %d changes watched, %d holds, %d violations%n",
                load.acknowledged(),
                load.cancelled().size(),
                verdict.begun(),
                evidence.begun().size(),
                ledger.givenUp(),
                shown.size(),
                ledger.holds(),
                verdict.violations().size());
        assertThat(verdict.violations())
                .as("seed %d; see %s", SEED, installation.home())
                .isEmpty();
        assertThat(verdict.begun())
                .isGreaterThanOrEqualTo(load.acknowledged() - load.cancelled().size());
        assertThat(shown).isNotEmpty();
        assertThat(evidence.begun()).isNotEmpty();
    }

    private static void startAgents(Installation installation) throws IOException, InterruptedException {
        Path simulated = Files.writeString(installation.home().resolve("simulated.yaml"), """
                nodes:
                - name: sim/a1-{0..7}
                  capacity: {cpu: 96, memory: 768Gi}
                  devices: {count: 8, model: inhouse-a1, vendor: inhouse, memory: 96G}
                  simulatedSeconds: 0.3
                """);
        installation.startAgent("simulated", simulated);
        for (int number = 0; number < 2; number++) {
            Path real =
                    Files.writeString(installation.home().resolve("real-" + number + ".yaml"), """
                    nodes:
                    - name: sim/mi300x-%d
                      capacity: {cpu: 96, memory: 768Gi}
                      devices: {count: 8, model: amd-mi300x, vendor: amd, memory: 192G}
                    """.formatted(number));
            installation.startAgent("real-" + number, real);
        }
        installation.awaitNodes(10);
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
