package dev.interposer.engine.preemption;

import dev.interposer.engine.fairness.QueueNode;
import dev.interposer.engine.fairness.QueueTree;
import dev.interposer.engine.fairness.Take;
import dev.interposer.engine.model.Checkpoint;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who may be evicted for whom.
 *
 * <p><b>Goals.</b> Higher bands get room, and a queue gets what it is guaranteed, at the least loss of work.
 *
 * <p><b>Constraints.</b> Nobody is evicted for one of lower priority. In its own queue a gang is evicted only for one
 * of higher priority. Across queues only what is borrowed is taken: work that its queue is guaranteed stays. For one
 * of equal priority a borrower leaves only when the other is within its own guarantee. A job's own word counts:
 * never, not before its least run time, and of a job's replicas no more at once than its disruption budget allows.
 *
 * <p><b>Algorithm.</b> The price of a gang is its priority, then the seconds of work that would be lost: since its
 * start or what it takes to save and restore a checkpoint, if it takes any and that is less.
 */
final class Eviction implements Price {
    private static final long SECOND = 1_000_000;
    private static final int LOST_BITS = 32;

    private final Holdings holdings;
    private final Take take;
    private final int priority;
    private final long jobId;
    private final long nowMicros;
    private final Shrinking shrinking;
    private final Map<Long, Integer> outOfJob = new HashMap<>();

    Eviction(Holdings holdings, Take take, JobState beneficiary, long nowMicros, Shrinking shrinking) {
        this.holdings = holdings;
        this.take = take;
        this.priority = beneficiary.priority();
        this.jobId = beneficiary.id();
        this.nowMicros = nowMicros;
        this.shrinking = shrinking;
    }

    @Override
    public void out(GangState gang, boolean isOut) {
        outOfJob.merge(gang.job().id(), isOut ? 1 : -1, Integer::sum);
    }

    @Override
    public @Nullable Leave of(GangState gang) {
        JobState job = gang.job();
        boolean admits = OwnWord.admitsLeaving(gang, nowMicros, outOfJob.getOrDefault(job.id(), 0));
        if (!admits || job.id() == jobId || job.priority() > priority || !ranksBelow(gang)) {
            return null;
        }
        int keep = shrinking.keep(gang);
        if (keep < 0) {
            return null;
        }
        long lost = Math.min((1L << LOST_BITS) - 1, lostSeconds(gang));
        return new Leave(gang, keep, ((long) job.priority() << LOST_BITS) + lost);
    }

    private boolean ranksBelow(GangState gang) {
        QueueTree tree = holdings.tree();
        QueueNode ours = take.queue();
        QueueNode theirs = tree.of(gang.job());
        boolean lower = gang.job().priority() < priority;
        QueueNode ourSide = theirs == null ? null : ours.belowCommon(theirs);
        if (theirs == null || ourSide == null || theirs.contains(ours)) {
            return lower;
        }
        int theirClass = gang.className().isEmpty() ? -1 : holdings.fleet().classNumber(gang.className());
        for (QueueNode node = theirs; node != null && !node.contains(ours); node = node.parent()) {
            if (!tree.borrows(node, theirClass)) {
                return false;
            }
        }
        return lower || tree.guaranteed(ourSide, take.chipClass(), take.milli());
    }

    private long lostSeconds(GangState gang) {
        long ran = Math.max(0, nowMicros - gang.assignedAtMicros()) / SECOND;
        TrainingSpec training = gang.job().spec().training();
        Checkpoint checkpoint = training == null ? null : training.checkpoint();
        if (checkpoint == null) {
            return ran;
        }
        boolean asked = !checkpoint.signal().isEmpty();
        long sinceLast = asked || checkpoint.everySeconds() <= 0 ? 0 : Math.min(ran, checkpoint.everySeconds());
        return Math.min(ran, checkpoint.saveSeconds() + checkpoint.restoreSeconds() + sinceLast);
    }
}
