package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TermClockTest {
    @Test
    void itBeginsWithTheWallClockAndGoesOnByItself() {
        TermClock clock = new TermClock(5_000_000, 4_000_000, 70_000);
        assertThat(clock.micros(70_000)).isEqualTo(5_000_000);
        assertThat(clock.micros(1_070_000)).isEqualTo(5_001_000);
    }

    @Test
    void itDoesNotStandStillWhenTheWallClockWasSetBack() {
        TermClock clock = new TermClock(1_000_000, 4_000_000, 0);
        assertThat(clock.micros(2_000_000_000)).isEqualTo(6_000_000);
    }
}
