package dev.interposer.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random queues, bands and elastic gangs under the rules of precedence, against an oracle that walks the values of the
 * state alone. A seed that fails is printed with the shortest part of its life that still fails, found by halving.
 */
class RandomRulesTest {
    private static final int SEEDS = Integer.getInteger("interposer.ruleSeeds", 300);
    private static final int STEPS = 60;

    @Test
    void theRulesHold() {
        LongStream.rangeClosed(1, SEEDS).forEach(seed -> {
            List<String> found = new RuledLife(seed, STEPS, PlantedBug.NONE).live();
            assertThat(found)
                    .as(() -> "seed " + seed + ", the first " + shortest(seed) + " steps")
                    .isEmpty();
        });
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

    private static int shortest(long seed) {
        int good = 0;
        int bad = STEPS;
        while (bad - good > 1) {
            int middle = (good + bad) / 2;
            if (new RuledLife(seed, middle, PlantedBug.NONE).live().isEmpty()) {
                good = middle;
            } else {
                bad = middle;
            }
        }
        return bad;
    }
}
