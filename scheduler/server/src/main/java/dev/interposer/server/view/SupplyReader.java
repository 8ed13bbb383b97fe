package dev.interposer.server.view;

import dev.interposer.engine.state.State;
import dev.interposer.market.CoverageReport;
import dev.interposer.market.FleetImage;
import dev.interposer.market.LossCoverage;
import dev.interposer.market.Party;
import dev.interposer.market.SupplyMeasures;
import dev.interposer.market.SupplyReport;
import jakarta.inject.Singleton;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Measures of supply at the durable revision.
 *
 * <p>Counters follow the view by increments and are set up by the first who asks. A report walks the jobs under the
 * view's lock; loss coverage takes a flat copy there and reckons with it outside, one caller at a time: it holds up
 * nobody but those who ask for it.
 */
@Singleton
public final class SupplyReader {
    private final LiveView view;
    private final Object reckoning = new Object();
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
        synchronized (reckoning) {
            CoverageReport known = newest;
            if (known == null || known.revision() != view.revision()) {
                known = reckon(party -> true);
                newest = known;
            }
            return known;
        }
    }

    /** Of those who are asked for only. */
    public CoverageReport coverage(Predicate<Party> asked) {
        synchronized (reckoning) {
            return reckon(asked);
        }
    }

    private CoverageReport reckon(Predicate<Party> asked) {
        return LossCoverage.of(view.read(FleetImage::of), asked);
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
