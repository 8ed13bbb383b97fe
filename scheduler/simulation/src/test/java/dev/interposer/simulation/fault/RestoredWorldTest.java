package dev.interposer.simulation.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Many restored backups. One seed again: {@code -Dinterposer.seed=N}; more of them: {@code -Dinterposer.seeds=10000}.
 */
class RestoredWorldTest {
    private static final long FIRST = Long.getLong("interposer.seed", 1);
    private static final long COUNT =
            System.getProperty("interposer.seed") == null ? Long.getLong("interposer.seeds", 60) : 1;

    @Test
    void nothingIsStoppedAndNothingRunsTwice() {
        List<RestoredWorld.Outcome> outcomes = LongStream.range(FIRST, FIRST + COUNT)
                .mapToObj(seed -> {
                    RestoredWorld.Outcome outcome = RestoredWorld.run(seed);
                    assertThat(outcome.violations()).as("seed " + seed).isEmpty();
                    return outcome;
                })
                .toList();
        if (COUNT > 1) {
            assertThat(outcomes).as("a restore is noticed").anyMatch(RestoredWorld.Outcome::noticed);
            assertThat(outcomes).as("work is taken over").anyMatch(outcome -> outcome.adopted() > 0);
        }
    }
}
