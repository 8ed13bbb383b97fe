package dev.interposer.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** 1,000 jobs a second after 10 s in which the rate rises; 20 s are measured. */
class ScheduleTest {
    private static final long START = 5_000_000;

    private final Schedule schedule = new Schedule(START, 1000, 10, 20);

    @Test
    void theRateRisesInTheWarmUpAndStaysAfterIt() {
        assertThat(schedule.due(START - 1)).isZero();
        assertThat(schedule.due(START)).isEqualTo(1);
        assertThat(schedule.due(START + 5_000_000))
                .as("half of the time, a quarter of the jobs")
                .isEqualTo(1_251);
        assertThat(schedule.due(START + 10_000_000)).isEqualTo(5_001);
        assertThat(schedule.due(START + 11_000_000)).isEqualTo(6_001);
        assertThat(schedule.due(START + 60_000_000)).isEqualTo(schedule.jobs()).isEqualTo(25_000);
    }

    @Test
    void aJobIsDueWhenItIsCounted() {
        for (int number = 1; number < schedule.jobs(); number++) {
            long due = schedule.dueMicros(number);
            assertThat(schedule.due(due - 2)).as("before job %d", number).isLessThanOrEqualTo(number);
            assertThat(schedule.due(due + 2)).as("after job %d", number).isGreaterThan(number);
        }
    }

    @Test
    void theMeasuredTimeHoldsTheFullRate() {
        int measured = 0;
        for (int number = 0; number < schedule.jobs(); number++) {
            measured += schedule.measured(schedule.dueMicros(number)) ? 1 : 0;
        }
        assertThat(measured).isEqualTo(20_000);
    }
}
