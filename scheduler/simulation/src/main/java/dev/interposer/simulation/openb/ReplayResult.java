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
 * @param waiting how long pods waited
 * @param vaguePods those of them whose reason says only that they wait, and not for what
 * @param reasons why pods were not placed: the code, and in brackets what was short, {@code INSUFFICIENT_RESOURCE(cpu)}
 */
public record ReplayResult(
        double allocatedPercentAt100,
        double allocatedPercentAt130,
        Map<Integer, Double> allocatedPercentByArrived,
        int arrivedPods,
        int unplacedPods,
        int vaguePods,
        double placementsPerSecond,
        Waiting waiting,
        Map<String, Integer> reasons) {
    public ReplayResult {
        allocatedPercentByArrived = Collections.unmodifiableSortedMap(new TreeMap<>(allocatedPercentByArrived));
        reasons = Collections.unmodifiableSortedMap(new TreeMap<>(reasons));
    }

    /** Most of the pods that were not placed, in percent, that may be told a reason which names nothing. */
    public static final int MOST_VAGUE_PERCENT = 5;

    /** Whether the reasons explain too little. */
    public boolean tooVague() {
        return tooVague(vaguePods, unplacedPods);
    }

    /** Whether too many of those who found no place are told too little. */
    public static boolean tooVague(long vague, long all) {
        return 100 * vague > MOST_VAGUE_PERCENT * all;
    }

    /**
     * From arrival to placement.
     *
     * @param meanMicros of the pods that were placed, in virtual time
     * @param mostMicros likewise, the longest
     * @param stillWaiting pods that wait at the end; those that were dropped wait no more
     * @param decisionP50Micros wall clock from a pod's arrival to what became of it, 50th percentile
     * @param decisionP99Micros likewise, 99th percentile
     */
    public record Waiting(
            long meanMicros, long mostMicros, int stillWaiting, long decisionP50Micros, long decisionP99Micros) {}
}
