package dev.interposer.server.view;

import dev.interposer.engine.state.State;
import dev.interposer.market.CoverageReport;
import dev.interposer.market.FleetImage;
import dev.interposer.market.LossCoverage;
import dev.interposer.market.Party;
import dev.interposer.market.SupplyMeasures;
import dev.interposer.market.SupplyReport;
import dev.interposer.server.background.Pace;
import jakarta.inject.Singleton;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Measures of supply at the durable revision.
 *
 * <p>Counters follow the view by increments and are set up by the first who asks. A report walks what runs under the
 * view's lock; loss coverage takes a flat copy of it there and reckons with it outside, one caller at a time, and
 * slowly unless somebody waits for it.
 */
@Singleton
public final class SupplyReader {
    /** A tenth of a thread: nobody waits for a gauge. */
    private static final int RESTS = 9;

    private final LiveView view;
    private final ReentrantLock reckoning = new ReentrantLock();
    private @Nullable SupplyMeasures measures;
    private volatile @Nullable CoverageReport newest;

    public SupplyReader(LiveView view) {
        this.view = view;
    }

    /** 0 for the usual horizon. */
    public SupplyReport report(long horizonSeconds) {
        long horizon = horizonSeconds == 0 ? SupplyMeasures.DEFAULT_HORIZON_SECONDS : horizonSeconds;
        synchronized (this) {
            return view.read(state -> following(state).report(horizon));
        }
    }

    /** Of everybody; reckoned anew only if the view has moved. */
    public CoverageReport coverage() {
        reckoning.lock();
        try {
            CoverageReport known = newest;
            if (known == null || known.revision() != view.revision()) {
                known = LossCoverage.of(image(), party -> true);
                newest = known;
            }
            return known;
        } finally {
            reckoning.unlock();
        }
    }

    /** The same, without haste as long as nobody else asks. */
    public CoverageReport coverageInTheBackground() {
        Pace pace = new Pace(RESTS);
        reckoning.lock();
        try {
            CoverageReport known = LossCoverage.of(image(), party -> true, () -> {
                if (!reckoning.hasQueuedThreads()) {
                    pace.breathe();
                }
            });
            newest = known;
            return known;
        } finally {
            reckoning.unlock();
        }
    }

    /** A copy of what runs where. */
    private synchronized FleetImage image() {
        return view.read(state -> following(state).image());
    }

    /** Of those who are asked for only, at once. */
    public CoverageReport coverage(Predicate<Party> asked) {
        reckoning.lock();
        try {
            return LossCoverage.of(image(), asked);
        } finally {
            reckoning.unlock();
        }
    }

    private SupplyMeasures following(State state) {
        SupplyMeasures known = measures;
        if (known == null || !known.follows(state)) {
            known = SupplyMeasures.following(state);
            measures = known;
        }
        return known;
    }
}
