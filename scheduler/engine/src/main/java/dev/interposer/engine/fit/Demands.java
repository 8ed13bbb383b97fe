package dev.interposer.engine.fit;

import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.state.Settings;
import dev.interposer.engine.table.IdCache;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The demand of each spec. Specs that differ in what they run alone, and not in what they ask of the fleet, have one
 * demand: a hundred thousand jobs with a command line each are still a few hundred demands.
 */
public final class Demands {
    /** Specs whose demand is remembered; above so many they are looked at again. */
    private static final int MOST_SPECS = 65_536;

    private final Settings settings;
    private final Fleet fleet;
    private final Map<Need, Numbered> byNeed = new HashMap<>();
    private final List<Numbered> byNumber = new ArrayList<>();
    private final IdCache<Numbered> bySpec = new IdCache<>(MOST_SPECS);

    /** A demand, made on first use, and its number. */
    private static final class Numbered {
        private final int number;
        private final JobSpec example;
        private Demand demand;

        Numbered(int number, JobSpec example, Demand demand) {
            this.number = number;
            this.example = example;
            this.demand = demand;
        }
    }

    public Demands(Settings settings, Fleet fleet) {
        this.settings = settings;
        this.fleet = fleet;
    }

    public Demand of(long specId, JobSpec spec) {
        return numbered(specId, spec).demand;
    }

    /** Equal for specs that ask the same of the fleet; stays the same when classes or prices change. */
    public int number(long specId, JobSpec spec) {
        return numbered(specId, spec).number;
    }

    /** The demand that has a number. */
    public Demand ofNumber(int number) {
        return byNumber.get(number).demand;
    }

    /** Classes or prices changed. */
    public void refresh() {
        byNeed.values().forEach(known -> known.demand = Demand.of(known.example, settings, fleet));
    }

    private Numbered numbered(long specId, JobSpec spec) {
        Numbered known = bySpec.find(specId);
        if (known != null) {
            return known;
        }
        Need need = Need.of(spec);
        Numbered found = byNeed.get(need);
        if (found == null) {
            found = new Numbered(byNumber.size(), spec, Demand.of(spec, settings, fleet));
            byNumber.add(found);
            byNeed.put(need, found);
        }
        bySpec.put(specId, found);
        return found;
    }
}
