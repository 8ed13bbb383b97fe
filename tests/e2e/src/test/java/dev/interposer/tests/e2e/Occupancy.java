package dev.interposer.tests.e2e;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Who has how much of each device, in thousandths. */
final class Occupancy {
    private static final int WHOLE = 1000;

    private final Map<String, Map<String, Integer>> shares = new HashMap<>();
    private final Map<String, Set<String>> devicesOf = new HashMap<>();

    /** Those under whom a worker gets what is no longer free; nobody if there is room. */
    Set<String> take(String device, String worker, int milli) {
        Map<String, Integer> taken = shares.computeIfAbsent(device, key -> new HashMap<>());
        int sum = taken.values().stream().mapToInt(Integer::intValue).sum();
        Set<String> before = sum + milli <= WHOLE ? Set.of() : Set.copyOf(taken.keySet());
        taken.put(worker, milli);
        devicesOf.computeIfAbsent(worker, key -> new HashSet<>()).add(device);
        return before;
    }

    void leave(String worker) {
        Set<String> devices = devicesOf.remove(worker);
        if (devices != null) {
            devices.forEach(device -> Objects.requireNonNull(shares.get(device)).remove(worker));
        }
    }
}
