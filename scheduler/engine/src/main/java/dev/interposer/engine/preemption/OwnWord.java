package dev.interposer.engine.preemption;

import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Preemption;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.state.GangState;

/**
 * What a gang's own spec says of being asked to leave, whoever asks: one that is evicted, drained or resized; and of
 * how it may come back.
 */
public final class OwnWord {
    private static final long SECOND = 1_000_000;

    private OwnWord() {}

    /**
     * Whether it may be asked to leave now: it runs, is not never to be evicted, has had its least run time, and no
     * more replicas of its job would be down than the disruption budget allows.
     *
     * @param othersAsked replicas of the same job that are about to be asked too
     */
    public static boolean admitsLeaving(GangState gang, long nowMicros, int othersAsked) {
        Preemption preemption = gang.job().spec().preemption();
        boolean runs = gang.phase() == GangPhase.ASSIGNED || gang.phase() == GangPhase.RUNNING;
        return runs
                && preemption.policy() != Preemption.Policy.NEVER
                && nowMicros - gang.assignedAtMicros() >= preemption.minRuntimeSeconds() * SECOND
                && withinBudget(gang, othersAsked);
    }

    private static boolean withinBudget(GangState gang, int othersAsked) {
        InferenceSpec inference = gang.job().spec().inference();
        if (inference == null) {
            return true;
        }
        long othersDown = gang.job().gangs().stream()
                .filter(other -> other != gang && !other.leaving() && other.phase() != GangPhase.RUNNING)
                .count();
        return othersDown + othersAsked + 1 <= inference.maxUnavailable();
    }

    /** Whether it may start under a profile: a job never changes its numerics unasked. */
    public static boolean admitsProfile(GangState gang, int profile) {
        int started = gang.startedProfile() - 1;
        JobSpec spec = gang.job().spec();
        TrainingSpec training = spec.training();
        // Replicas have no numerics to keep.
        if (started < 0 || profile == started || training == null) {
            return true;
        }
        String before = spec.profiles().get(started).checkpointFormat();
        String after = spec.profiles().get(profile).checkpointFormat();
        return training.profileChange() == TrainingSpec.ProfileChange.AT_CHECKPOINT
                && !before.isEmpty()
                && before.equals(after);
    }

    /** Whether it could go on with more or fewer workers: it is elastic, of one role, and all its workers run. */
    public static boolean admitsResizing(GangState gang) {
        TrainingSpec training = gang.job().spec().training();
        return training != null
                && training.resizePolicy() == TrainingSpec.ResizePolicy.AT_CHECKPOINT
                && gang.profile().roles().size() == 1
                && gang.phase() == GangPhase.RUNNING
                && gang.liveWorkers() == gang.workers().size();
    }
}
