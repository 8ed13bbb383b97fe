package dev.interposer.engine.plan;

import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.preemption.Holdings;
import dev.interposer.engine.preemption.Leave;
import dev.interposer.engine.state.GangState;
import java.util.HashSet;
import java.util.Set;

/**
 * Gangs that were asked to stop and have not yet.
 *
 * <p>What they have stays taken in the arrays. But while it is decided whom else to ask, their queues must be looked
 * at as if they were gone: else a queue that is down to its guarantee would still seem to borrow, and lose more than
 * it borrowed.
 */
final class Leaving {
    private final Holdings holdings;
    private final Set<GangState> gangs = new HashSet<>();
    private boolean leftOut;

    Leaving(Holdings holdings) {
        this.holdings = holdings;
    }

    void add(GangState gang) {
        if (gangs.add(gang) && leftOut) {
            count(gang, false);
        }
    }

    void gone(GangState gang) {
        gangs.remove(gang);
    }

    void leaveOut() {
        leftOut = true;
        holdings.trying(true);
        gangs.forEach(gang -> count(gang, false));
        holdings.trying(false);
    }

    void countAgain() {
        leftOut = false;
        holdings.trying(true);
        gangs.forEach(gang -> count(gang, true));
        holdings.trying(false);
    }

    private void count(GangState gang, boolean taken) {
        Placement held = new Leave(gang, 0, 0).gone();
        held.workers().forEach(worker -> holdings.count(gang, held, worker, taken));
    }
}
