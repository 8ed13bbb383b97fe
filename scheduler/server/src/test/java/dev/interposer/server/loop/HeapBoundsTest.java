package dev.interposer.server.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.core.ControlSettings;
import org.junit.jupiter.api.Test;

class HeapBoundsTest {
    /** The heap of the shipped settings has room for the hundred thousand waiting jobs that it is meant for. */
    @Test
    void sixHundredMegabytesHoldAHundredThousandWaitingJobs() {
        ControlSettings.Bounds bounds = HeapBounds.of(600L << 20).bounds();
        assertThat(bounds.mostWaitingGangs()).isBetween(150_000, 250_000);
        assertThat(bounds.mostEndedJobs()).isGreaterThan(40_000);
        assertThat(bounds.mostRequests()).isGreaterThan(300_000);
        assertThat(bounds.mostSpecBytes()).isBetween(50L << 20, 100L << 20);
    }

    @Test
    void aSmallHeapKeepsLittleAndALargeOneNoMoreThanTheDefault() {
        assertThat(HeapBounds.of(64L << 20).bounds().mostWaitingGangs()).isEqualTo(1000);
        ControlSettings large = HeapBounds.of(16L << 30);
        assertThat(large).isEqualTo(ControlSettings.DEFAULT);
    }
}
