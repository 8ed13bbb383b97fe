package dev.interposer.server.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.agent.v1.Progress;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.job.v1.JobProgress;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Counters of loops that work, restart and lie. */
class ProgressReadingsTest {
    private static final ProgressSource FIRST = new ProgressSource(1, 1, "", null);

    private long nowMillis = 1_000_000;
    private final ProgressReadings readings = new ProgressReadings(() -> nowMillis);

    @Test
    void aCounterThatGrowsHasAPace() {
        steady();
        assertThat(job().getDone()).isEqualTo(4000);
        assertThat(job().getUnit()).isEqualTo("tokens");
        assertThat(job().getUnitsPerSecond()).isEqualTo(1000);
        assertThat(job().getRestarts() + job().getSuspiciousSpans()).isZero();
    }

    @Test
    void aCounterThatGoesBackRestartedAndIsNoNegativeProgress() {
        steady();
        say(5, 1500);
        say(6, 2500);
        assertThat(job().getRestarts()).isEqualTo(1);
        assertThat(job().getDone()).isEqualTo(2500);
        assertThat(job().getUnitsPerSecond()).isEqualTo(1000);
    }

    @Test
    void aLeapIsNotBelievedAndWhatFollowsIs() {
        steady();
        say(5, 900_000_000);
        assertThat(job().getSuspiciousSpans()).isEqualTo(1);
        assertThat(job().getDone()).isEqualTo(4000);
        say(6, 900_001_000);
        assertThat(job().getDone()).isEqualTo(5000);
        say(7, 800_000_000);
        assertThat(job().getDone()).isEqualTo(5000);
        assertThat(job().getRestarts()).isZero();
        assertThat(job().getUnitsPerSecond()).isEqualTo(1000);
    }

    /** Compiling takes the first minutes, and the loop is far faster after them. */
    @Test
    void aPaceThatStaysIsBelievedInTheEnd() {
        steady();
        for (int second = 5; second < 5 + 8; second++) {
            say(second, 4000 + (second - 4) * 50_000L);
        }
        assertThat(job().getDone()).as("the leaps are left out").isEqualTo(4000);
        assertThat(job().getSuspiciousSpans()).isEqualTo(8);
        say(13, 4000 + 9 * 50_000L);
        assertThat(job().getDone()).isEqualTo(54_000);
        assertThat(job().getUnitsPerSecond()).isEqualTo(50_000);
    }

    @Test
    void leapsThatDifferAreNeverBelieved() {
        steady();
        long done = 4000;
        for (int second = 5; second < 40; second++) {
            done += second % 2 == 0 ? 50_000 : 5_000_000;
            say(second, done);
        }
        assertThat(job().getDone()).isEqualTo(4000);
    }

    @Test
    void theWordOfAnAttemptThatIsOverReplacesNothing() {
        steady();
        readings.heard(said(0, 9, 77).setKey(key(0, 2)).build(), FIRST);
        say(10, 9_000);
        assertThat(job().getDone()).isEqualTo(77);
    }

    @Test
    void anotherUnitIsRefusedUntilTheFirstIsBack() {
        steady();
        readings.heard(said(0, 5, 1).setUnit("samples").build(), FIRST);
        assertThat(job().getRefusal()).contains("from tokens to samples");
        say(6, 6000);
        assertThat(job().getRefusal()).isEmpty();
        assertThat(job().getDone()).isEqualTo(6000);
    }

    @Test
    void aUnitThatTheJobDoesNotStateIsRefusedInWords() {
        ProgressSource states = new ProgressSource(1, 1, "samples", null);
        readings.heard(said(0, 1, 500).build(), states);
        assertThat(job().getRefusal()).contains("counts tokens", "spec.progress.unit (samples)");
        assertThat(job().getUnit()).isEmpty();
        readings.heard(said(0, 2, 7).setUnit("samples").build(), states);
        assertThat(job().getRefusal()).isEmpty();
        assertThat(job().getDone()).isEqualTo(7);
    }

    /** The clock of an agent that was started again may be ahead of that of the one before. */
    @Test
    void anotherStreamOfTheAgentHasNoPaceWithTheOneBefore() {
        steady();
        readings.heard(said(0, 5, 1_000_000).build(), new ProgressSource(2, 1, "", null));
        assertThat(job().getDone()).isEqualTo(1_000_000);
        assertThat(job().getUnitsPerSecond()).isEqualTo(1000);
        assertThat(job().getSuspiciousSpans() + job().getRestarts()).isZero();
    }

    @Test
    void nothingIsKnownAfterTheStateBeganAnew() {
        steady();
        readings.clear();
        assertThat(readings.of(7)).isNull();
    }

    @Test
    void replicasAreSummedAndAJobThatIsForgottenIsGone() {
        steady();
        readings.heard(said(1, 1, 500).build(), FIRST);
        assertThat(job().getDone()).isEqualTo(4500);
        readings.forget(7);
        assertThat(readings.of(7)).isNull();
    }

    @Test
    void aLoopThatHangsHasNoPaceAndSaysForHowLong() {
        for (int second = 0; second <= 40; second += 10) {
            nowMillis += 10_000;
            say(second, second * 1000L);
        }
        nowMillis += 60_000;
        assertThat(job().getUnitsPerSecond()).isEqualTo(1000);
        assertThat(job().getStillSeconds()).isEqualTo(60);
        // A stream that begins anew tells the same again.
        readings.heard(said(0, 100, 40_000).build(), new ProgressSource(2, 1, "", null));
        nowMillis += 1_000;
        assertThat(job().getUnitsPerSecond()).isZero();
        assertThat(job().getStillSeconds()).isEqualTo(61);
        nowMillis += 1_000;
        readings.heard(said(0, 102, 42_000).build(), new ProgressSource(2, 1, "", null));
        assertThat(job().getUnitsPerSecond()).isPositive();
        assertThat(job().getStillSeconds()).isZero();
    }

    @Test
    void aLoopThatCountsSeldomDoesNotHangBetweenItsCounts() {
        for (int second = 0; second <= 1200; second += 300) {
            nowMillis += 300_000;
            say(second, second * 1000L);
        }
        nowMillis += 900_000;
        assertThat(job().getUnitsPerSecond()).isEqualTo(1000);
        nowMillis += 1;
        assertThat(job().getUnitsPerSecond()).isZero();
    }

    @Test
    void ofReplicasTheOneThatHangsHasNoPart() {
        for (int second = 0; second <= 200; second += 10) {
            nowMillis += 10_000;
            say(second, second * 1000L);
            if (second <= 50) {
                readings.heard(said(1, second, second * 500L).build(), FIRST);
            }
        }
        assertThat(job().getUnitsPerSecond()).isEqualTo(1000);
        assertThat(job().getStillSeconds()).isZero();
    }

    private void steady() {
        for (int second = 0; second <= 4; second++) {
            say(second, second * 1000L);
        }
    }

    private void say(int second, long done) {
        readings.heard(said(0, second, done).build(), FIRST);
    }

    private static WorkerKey key(int gang, int attempt) {
        return WorkerKey.newBuilder()
                .setJobId(7)
                .setGang(gang)
                .setAttempt(attempt)
                .build();
    }

    private static Progress.Builder said(int gang, int second, long done) {
        return Progress.newBuilder()
                .setKey(key(gang, 1))
                .setUnit("tokens")
                .setDone(done)
                .setReadMillis(1 + second * 1000L);
    }

    private JobProgress job() {
        return Objects.requireNonNull(readings.of(7));
    }
}
