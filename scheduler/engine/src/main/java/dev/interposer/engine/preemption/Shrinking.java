package dev.interposer.engine.preemption;

import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.GangState;

/**
 * Which elastic gangs only shrink, and how far.
 *
 * @param from priority from which on elastic gangs only shrink; who can't shrink leaves up to it
 * @param steps by which one shrinks at most
 */
record Shrinking(int from, int steps) {
    /** Elastic gangs shrink to their least, and nobody leaves. */
    static final Shrinking ALONE = from(Integer.MIN_VALUE);

    /** Whoever must, leaves whole. */
    static final Shrinking NOBODY = from(Integer.MAX_VALUE);

    static Shrinking from(int priority) {
        return new Shrinking(priority, Integer.MAX_VALUE);
    }

    Shrinking within(int most) {
        return new Shrinking(from, most);
    }

    /** How many workers a gang keeps when it leaves or shrinks; −1 if it does neither. */
    int keep(GangState gang) {
        int priority = gang.job().priority();
        int keep = priority >= from ? fewest(gang) : 0;
        return keep == 0 && priority > from ? -1 : keep;
    }

    /** 0 for a gang that can't shrink. */
    private int fewest(GangState gang) {
        if (!OwnWord.admitsResizing(gang)) {
            return 0;
        }
        WorkerCount count = gang.profile().roles().getFirst().workers();
        long most = (long) steps * count.step();
        int fewest = (int) Math.max(count.min(), gang.workers().size() - most);
        return fewest < gang.workers().size() ? fewest : 0;
    }

    static int step(GangState gang) {
        return gang.profile().roles().getFirst().workers().step();
    }
}
