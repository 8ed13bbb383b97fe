package dev.interposer.simulation.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many worlds under faults. One seed again: {@code -Dinterposer.seed=N}; more of them: {@code
 * -Dinterposer.seeds=10000}.
 */
class WorldTest {
    private static final long FIRST = Long.getLong("interposer.seed", 1);
    private static final long COUNT =
            System.getProperty("interposer.seed") == null ? Long.getLong("interposer.seeds", 200) : 1;

    @Test
    void nothingIsLostAndNothingRunsTwice() {
        LongStream.range(FIRST, FIRST + COUNT)
                .parallel()
                .forEach(seed ->
                        assertThat(World.run(seed, Bug.NONE)).as("seed " + seed).isEmpty());
    }

    @ParameterizedTest
    @EnumSource(value = Bug.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aPlantedBugIsFound(Bug bug) {
        assertThat(LongStream.rangeClosed(1, 400)
                        .anyMatch(seed -> World.run(seed, bug).stream().anyMatch(said -> said.contains(bug.words()))))
                .as("a seed shows " + bug + " by \"" + bug.words() + "\"")
                .isTrue();
    }

    @Test
    void aWorldThatEndsWithAnExceptionNamesItsSeed() {
        assertThatThrownBy(() -> World.named(7, () -> {
                    throw new ArrayIndexOutOfBoundsException(3);
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("seed 7 ");
    }

    @Test
    void theSameSeedGivesTheSameWorld() {
        assertThat(World.run(7, Bug.BEGINS_AGAIN)).isEqualTo(World.run(7, Bug.BEGINS_AGAIN));
    }
}
