package dev.interposer.engine.preemption;

import dev.interposer.engine.preemption.Clearing.Cleared;
import dev.interposer.engine.preemption.Clearing.Wanted;
import dev.interposer.engine.state.GangState;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Whom a gang asks to make room: the mildest way that there is.
 *
 * <p><b>Goals.</b> Nobody leaves where shrinking elastic gangs suffices; no elastic gang leaves where it could shrink
 * and nobody of a higher band has to leave for that; and none shrinks by more steps than are needed.
 *
 * <p><b>Algorithm.</b> First elastic gangs shrink to their least and nobody leaves. Failing that everybody may leave,
 * and where elastic gangs would, it is tried again for each of their bands, the lowest first: those of this band and
 * above only shrink, and of the others only those up to it leave. What is found that way is sought again with fewer
 * steps, by halving.
 */
public final class Victims {
    private final Holdings holdings;
    private final Clearing clearing;

    public Victims(Holdings holdings, Clearing clearing) {
        this.holdings = holdings;
        this.clearing = clearing;
    }

    /** The first of the ways for which there is room; null if there is none. */
    public @Nullable Cleared mildest(List<Wanted> ways, long nowMicros) {
        Shrinking allowed = Shrinking.ALONE;
        Cleared found = find(ways, nowMicros, allowed);
        if (found == null) {
            found = find(ways, nowMicros, Shrinking.NOBODY);
            for (int band : found == null ? List.<Integer>of() : elasticBands(found)) {
                Cleared milder = find(ways, nowMicros, Shrinking.from(band));
                if (milder != null) {
                    found = milder;
                    allowed = Shrinking.from(band);
                    break;
                }
            }
        }
        return found == null ? null : byFewestSteps(ways, nowMicros, allowed, found);
    }

    private @Nullable Cleared find(List<Wanted> ways, long nowMicros, Shrinking allowed) {
        for (Wanted wanted : ways) {
            Price price = new Eviction(holdings, wanted.take(), wanted.gang().job(), nowMicros, allowed);
            Cleared found = clearing.find(wanted, price);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** Of gangs that would leave and could shrink. */
    private static NavigableSet<Integer> elasticBands(Cleared found) {
        NavigableSet<Integer> bands = new TreeSet<>();
        for (Leave leave : found.leaves()) {
            GangState gang = leave.gang();
            if (leave.keep() == 0 && Shrinking.ALONE.keep(gang) > 0) {
                bands.add(gang.job().priority());
            }
        }
        return bands;
    }

    private Cleared byFewestSteps(List<Wanted> ways, long nowMicros, Shrinking allowed, Cleared found) {
        Cleared best = found;
        int tooFew = 0;
        int enough = steps(found);
        while (enough - tooFew > 1) {
            int middle = (tooFew + enough) / 2;
            Cleared milder = find(ways, nowMicros, allowed.within(middle));
            if (milder == null) {
                tooFew = middle;
            } else {
                best = milder;
                enough = Math.min(middle, Math.max(1, steps(milder)));
            }
        }
        return best;
    }

    /** The most by which one of them shrinks. */
    private static int steps(Cleared found) {
        int most = 0;
        for (Leave leave : found.leaves()) {
            if (leave.keep() > 0) {
                int gone = leave.gang().workers().size() - leave.keep();
                most = Math.max(most, Math.ceilDiv(gone, Shrinking.step(leave.gang())));
            }
        }
        return most;
    }
}
