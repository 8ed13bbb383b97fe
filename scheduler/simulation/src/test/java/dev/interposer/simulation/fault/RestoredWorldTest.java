package dev.interposer.simulation.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Many restored backups. One seed again: {@code -Dinterposer.seed=N}; more of them: {@code -Dinterposer.seeds=10000}.
 */
class RestoredWorldTest {
    private static final long FIRST = Long.getLong("interposer.seed", 1);
    private static final long COUNT =
            System.getProperty("interposer.seed") == null ? Long.getLong("interposer.seeds", 60) : 1;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingIsStoppedAndNothingRunsTwice(boolean leadersDie) {
        List<RestoredWorld.Outcome> outcomes = LongStream.range(FIRST, FIRST + COUNT)
                .mapToObj(seed -> live(seed, leadersDie))
                .toList();
        if (COUNT > 1) {
            assertThat(outcomes).as("a restore is noticed").anyMatch(RestoredWorld.Outcome::noticed);
            assertThat(outcomes).as("work is taken over").anyMatch(outcome -> outcome.adopted() > 0);
        }
    }

    /** The answer to the first page after the restore was lost there: the next leader did not listen. */
    @Test
    void theFirstLeaderIsFollowedWhileItListens() {
        live(534, false);
    }

    private static RestoredWorld.Outcome live(long seed, boolean leadersDie) {
        RestoredWorld.Outcome outcome = RestoredWorld.run(seed, leadersDie);
        assertThat(outcome.violations())
                .as("seed " + seed + (leadersDie ? ", leaders die" : ""))
                .isEmpty();
        return outcome;
    }
}
