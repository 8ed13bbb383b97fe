package dev.interposer.engine.sourcing;

import dev.interposer.engine.state.GangState;
import java.util.HashMap;
import java.util.Map;

/**
 * What gangs will take of each rule in places from which others were asked to leave for them. It is spoken for: given
 * away under a cap meanwhile, those others would have left for nobody.
 */
final class Promised {
    private final long[] units;
    private final Map<GangState, long[]> byGang = new HashMap<>();

    Promised(int rules) {
        this.units = new long[rules];
    }

    /** Of a rule, in its units. */
    long of(int rule) {
        return units[rule];
    }

    void add(GangState gang, int rule, long more) {
        byGang.computeIfAbsent(gang, key -> new long[units.length])[rule] += more;
        units[rule] += more;
    }

    /** Exactly what was added for a gang, whatever has become of classes and sellers. */
    void drop(GangState gang) {
        long[] added = byGang.remove(gang);
        for (int rule = 0; added != null && rule < units.length; rule++) {
            units[rule] -= added[rule];
        }
    }
}
