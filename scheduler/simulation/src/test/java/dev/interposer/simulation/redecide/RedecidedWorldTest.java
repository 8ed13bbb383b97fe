package dev.interposer.simulation.redecide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.simulation.fault.World;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * What leaders decided under faults, one after another with what each remembered, is decided again by one that has
 * followed from the beginning. More worlds: {@code -Dinterposer.redecided=3000}.
 */
class RedecidedWorldTest {
    private static final long COUNT = Long.getLong("interposer.redecided", 60);

    @Test
    void everyDecisionComesOutAgain() {
        LongStream.rangeClosed(1, COUNT).forEach(seed -> {
            Redecision again = new Redecision();
            World.pages(seed).forEach(again::page);
            assertThat(again.differences()).as("seed " + seed).isEmpty();
            assertThat(again.decisions()).as("seed " + seed).isPositive();
        });
    }
}
