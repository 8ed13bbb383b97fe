package dev.interposer.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;

/** Random lives, each by its seed: one that fails is named with the shortest part of it that still fails. */
public final class Lives {
    private Lives() {}

    /** What is wrong in a life of so many steps. */
    @FunctionalInterface
    public interface Life {
        List<String> live(long seed, int steps);
    }

    /** Lives all of them, from seed 1 on. */
    public static void hold(int seeds, int steps, Life life) {
        LongStream.rangeClosed(1, seeds)
                .forEach(seed -> assertThat(life.live(seed, steps))
                        .as(() -> "seed " + seed + ", the first " + shortest(seed, steps, life) + " steps")
                        .isEmpty());
    }

    /** By halving: a life is the same for as long as it lasts. */
    static int shortest(long seed, int steps, Life life) {
        int good = 0;
        int bad = steps;
        while (bad - good > 1) {
            int middle = (good + bad) / 2;
            if (life.live(seed, middle).isEmpty()) {
                good = middle;
            } else {
                bad = middle;
            }
        }
        return bad;
    }
}
