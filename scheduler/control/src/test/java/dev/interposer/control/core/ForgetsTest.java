package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.core.Timers.Kind;
import dev.interposer.control.core.Timers.Timer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ForgetsTest {
    private final Forgets forgets = new Forgets();

    @Test
    void theEarliestIsForgottenFirstHoweverLongEachIsKept() {
        add(100, true);
        add(900, false);
        add(110, true);
        add(50, false);
        // Found by a new leader, which walks the jobs and not their ends.
        add(105, true);
        assertThat(forgets.size()).isEqualTo(5);
        assertThat(forgets.nextDueMicros()).isEqualTo(50);
        assertThat(all()).containsExactly(50L, 100L, 105L, 110L, 900L);
        assertThat(forgets.nextDueMicros()).isEqualTo(Long.MAX_VALUE);
        assertThat(forgets.poll()).isNull();
    }

    private void add(long dueMicros, boolean usual) {
        forgets.add(new Timer(dueMicros, Kind.FORGET, dueMicros, 0), usual);
    }

    private List<Long> all() {
        List<Long> due = new ArrayList<>();
        for (Timer timer = forgets.poll(); timer != null; timer = forgets.poll()) {
            due.add(timer.dueMicros());
        }
        return due;
    }
}
