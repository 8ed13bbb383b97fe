package dev.interposer.tests.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What placing may cost. Bytes and ratios only: a slow or busy machine fails nothing. */
class PlacingCostTest {
    private static final long SEED = 42;
    private static final long WARM_UP_MILLIS = 1_500;
    private static final long MEASURED_MILLIS = 700;
    /** The placement itself, its list, its ids, and what its search could not do without. */
    private static final long MOST_BYTES = 450;
    /** Sixteen times the nodes; memory is slower there, and the caches are not ours alone. */
    private static final long MOST_TIMES = 8;

    @Test
    void aPlacementAllocatesFewBytes() {
        DecideFigures figures = new DecideFigures(new PlaceScene(1_000, SEED));
        figures.run(WARM_UP_MILLIS);
        assertThat(figures.run(MEASURED_MILLIS).bytesPerPlacement())
                .as("seed " + SEED)
                .isLessThanOrEqualTo(MOST_BYTES);
    }

    @Test
    void sixteenTimesTheNodesDoNotCostSixteenTimesTheTime() {
        DecideFigures small = new DecideFigures(new PlaceScene(1_000, SEED));
        DecideFigures large = new DecideFigures(new PlaceScene(16_000, SEED));
        small.run(WARM_UP_MILLIS);
        large.run(WARM_UP_MILLIS);
        long few = small.run(MEASURED_MILLIS).nanosPerPlacement();
        long many = large.run(MEASURED_MILLIS).nanosPerPlacement();
        assertThat(many).as("seed " + SEED + ", " + few + " ns at 1,000 nodes").isLessThanOrEqualTo(few * MOST_TIMES);
    }
}
