package dev.interposer.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random queues, bands and elastic gangs under the rules of precedence, against an oracle that walks the values of the
 * state alone.
 */
class RandomRulesTest {
    private static final int SEEDS = Integer.getInteger("interposer.ruleSeeds", 300);
    private static final int STEPS = 60;

    @Test
    void theRulesHold() {
        Lives.hold(SEEDS, STEPS, (seed, steps) -> new RuledLife(seed, steps, PlantedBug.NONE).live());
    }

    /** Each violation can happen and is then named. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aPlantedBugIsFound(PlantedBug bug) {
        assertThat(LongStream.rangeClosed(1, 60)
                        .mapToObj(seed -> new RuledLife(seed, STEPS, bug).live())
                        .flatMap(List::stream))
                .anyMatch(bug::isNamedBy);
    }
}
