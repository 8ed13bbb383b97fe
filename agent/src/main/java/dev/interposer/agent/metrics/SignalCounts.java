package dev.interposer.agent.metrics;

import dev.interposer.agent.driver.Signal;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * How often each signal of one device came. A state that is told again while it lasts came once, and one that an
 * earlier agent knew of did not come now.
 */
public final class SignalCounts {
    /** Codes are the vendor's; a driver that makes up new ones must not fill the memory of whoever collects them. */
    private static final int MOST = 64;

    private static final String OTHER = "other";

    private final Map<Of, Long> counts = new TreeMap<>();
    private final Set<Of> standing = new HashSet<>();

    /** What is counted. */
    public record Of(Signal.Kind kind, String code) implements Comparable<Of> {
        @Override
        public int compareTo(Of other) {
            int byKind = kind.compareTo(other.kind);
            return byKind == 0 ? code.compareTo(other.code) : byKind;
        }
    }

    public void happened(Signal signal) {
        if (stands(signal)) {
            Of of = new Of(signal.kind(), signal.code());
            counts.merge(counts.containsKey(of) || counts.size() < MOST ? of : new Of(of.kind(), OTHER), 1L, Long::sum);
        }
    }

    /** Of an earlier agent. */
    public void remembered(Signal signal) {
        stands(signal);
    }

    public Map<Of, Long> counts() {
        return Map.copyOf(counts);
    }

    /** Whether it is new. */
    private boolean stands(Signal signal) {
        Of of = new Of(signal.kind(), signal.code());
        if (signal.cleared()) {
            standing.remove(of);
            return false;
        }
        // What is not remembered for want of room is counted once more than it came.
        return !signal.kind().state() || (standing.size() < MOST ? standing.add(of) : !standing.contains(of));
    }
}
