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

    private static final int MANY_WAIT = 20_000;
    private static final long MOST_BYTES_OF_A_LIFE = 3_000;
    /** Tries in vain that grow with the fleet would make it 6 times. */
    private static final long MOST_TIMES_OF_A_LIFE = 4;

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

    /** Every rule on, a job's whole life counted, 20,000 gangs waiting. */
    @Test
    void aDecisionAllocatesFewBytesAndDoesNotGrowWithTheFleet() {
        DecideFigures small = new DecideFigures(new DecideScene(1_000, MANY_WAIT, SEED, true));
        DecideFigures large = new DecideFigures(new DecideScene(10_000, MANY_WAIT, SEED, true));
        small.run(WARM_UP_MILLIS);
        large.run(WARM_UP_MILLIS);
        DecideFigures.Cost few = small.run(MEASURED_MILLIS);
        DecideFigures.Cost many = large.run(MEASURED_MILLIS);
        assertThat(many.bytesPerPlacement()).as("seed " + SEED).isLessThanOrEqualTo(MOST_BYTES_OF_A_LIFE);
        assertThat(many.nanosPerPlacement())
                .as("seed " + SEED + ", " + few.nanosPerPlacement() + " ns at 1,000 nodes")
                .isLessThanOrEqualTo(few.nanosPerPlacement() * MOST_TIMES_OF_A_LIFE);
    }
}
