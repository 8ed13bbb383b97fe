package dev.interposer.engine.preemption;

import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.state.GangState;
import java.util.List;

/** The ways to price a gang's going. */
public final class Prices {
    private static final long SECOND = 1_000_000;

    private Prices() {}

    /** Nobody is evicted: the price is the wait until it ends by itself, as far as its owner has said. */
    public static Price byExpectedEnd(long nowMicros) {
        return gang -> gang.phase().holdsDevices() ? new Leave(gang, 0, expectedEnd(gang, nowMicros)) : null;
    }

    /** When the last of those has left; {@link Reservation#UNKNOWN} if one of them has not said. */
    public static long expectedStart(List<Leave> leaves, long nowMicros) {
        long start = nowMicros;
        for (Leave leave : leaves) {
            start = Math.max(start, expectedEnd(leave.gang(), nowMicros));
        }
        return start;
    }

    /** A job that outlives its estimate is expected to run for a tenth of what it has had. */
    public static long expectedEnd(GangState gang, long nowMicros) {
        if (gang.phase() == GangPhase.STOPPING) {
            return Math.max(nowMicros, gang.stoppingAtMicros() + gang.graceSeconds() * SECOND);
        }
        TrainingSpec training = gang.job().spec().training();
        long estimate = training == null ? 0 : training.estimatedSeconds();
        long deadline = gang.job().spec().activeDeadlineSeconds();
        long bound = deadline > 0 && gang.firstStartedAtMicros() > 0
                ? gang.firstStartedAtMicros() + deadline * SECOND
                : Reservation.UNKNOWN;
        if (estimate <= 0) {
            return bound;
        }
        long since = gang.assignedAtMicros();
        long end = since + estimate * SECOND;
        if (end < nowMicros) {
            end = nowMicros + (nowMicros - since) / 10;
        }
        return Math.min(end, bound);
    }
}
