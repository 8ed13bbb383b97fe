package dev.interposer.simulation.openb;

import dev.interposer.engine.model.JobPhase;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How long pods waited, in virtual time, and how long each took to decide, by the wall clock. */
final class WaitingTimes {
    private final List<Long> decisionNanos = new ArrayList<>();
    private long sumMicros;
    private long mostMicros;
    private int placed;

    void placed(long afterMicros) {
        sumMicros += afterMicros;
        mostMicros = Math.max(mostMicros, afterMicros);
        placed++;
    }

    void decided(long nanos) {
        decisionNanos.add(nanos);
    }

    ReplayResult.Waiting result(State state) {
        Collections.sort(decisionNanos);
        int still = 0;
        for (JobState job : state.jobs().all()) {
            still += job.phase() == JobPhase.WAITING ? 1 : 0;
        }
        return new ReplayResult.Waiting(
                placed == 0 ? 0 : sumMicros / placed, mostMicros, still, percentile(50) / 1000, percentile(99) / 1000);
    }

    private long percentile(int percent) {
        int size = decisionNanos.size();
        return size == 0 ? 0 : decisionNanos.get((int) Math.min(size - 1L, (long) size * percent / 100));
    }
}
