package dev.interposer.simulation.openb;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a replay gave.
 *
 * @param allocatedPercentAt100 mean of allocated over the steps at which arrived rounds to 100 %
 * @param allocatedPercentAt130 likewise for 130 %
 * @param allocatedPercentByArrived likewise for each whole percent
 * @param arrivedPods pods seen
 * @param unplacedPods pods that fitted nowhere and were dropped
 * @param placementsPerSecond placements by wall clock, everything around the decision included
 * @param reasons why pods were not placed, by code
 */
public record ReplayResult(
        double allocatedPercentAt100,
        double allocatedPercentAt130,
        Map<Integer, Double> allocatedPercentByArrived,
        int arrivedPods,
        int unplacedPods,
        double placementsPerSecond,
        Map<String, Integer> reasons) {
    public ReplayResult {
        allocatedPercentByArrived = Collections.unmodifiableSortedMap(new TreeMap<>(allocatedPercentByArrived));
        reasons = Collections.unmodifiableSortedMap(new TreeMap<>(reasons));
    }
}
