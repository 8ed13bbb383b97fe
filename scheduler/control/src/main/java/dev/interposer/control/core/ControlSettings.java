package dev.interposer.control.core;

import java.util.Map;

/**
 * What the fleet's owner may set.
 *
 * @param times how long what lasts
 * @param bounds how much is kept
 * @param slices when failures of some devices keep new work off others
 * @param priorities priority classes by name; the empty name is the default
 */
public record ControlSettings(Times times, Bounds bounds, SlicePolicy slices, Map<String, Integer> priorities) {
    public static final ControlSettings DEFAULT = new ControlSettings(
            Times.DEFAULT,
            Bounds.DEFAULT,
            SlicePolicy.DEFAULT,
            Map.of("", 0, "low", -100, "normal", 0, "high", 100, "critical", 1000));

    public ControlSettings {
        priorities = Map.copyOf(priorities);
    }

    /**
     * How long what lasts, in microseconds.
     *
     * @param requestMemoryMicros how long a request id is remembered
     * @param backoffBaseMicros wait after the first counted failure; doubles with each further one
     * @param backoffMostMicros longest wait
     * @param endedTtlMicros how long an ended job stays in the live state unless it says otherwise
     * @param selfFenceMarginMicros wait beyond a job's own lease before it is placed again
     */
    public record Times(
            long requestMemoryMicros,
            long backoffBaseMicros,
            long backoffMostMicros,
            long endedTtlMicros,
            long selfFenceMarginMicros) {
        private static final long SECOND = 1_000_000;

        static final Times DEFAULT = new Times(3600 * SECOND, 5 * SECOND, 300 * SECOND, 86_400 * SECOND, 10 * SECOND);
    }

    /**
     * How much is kept, and decided at once.
     *
     * @param mostWaitingGangs that wait
     * @param mostEndedJobs in the live state; the oldest leave first
     * @param mostRequests ids of requests that are remembered; the oldest are forgotten first
     * @param mostSpecBytes what different specs take of the heap together ({@link Footprints})
     * @param assignmentsPerPage decided for one page
     */
    public record Bounds(
            int mostWaitingGangs, int mostEndedJobs, int mostRequests, long mostSpecBytes, int assignmentsPerPage) {
        static final Bounds DEFAULT = new Bounds(1_000_000, 100_000, 1_000_000, 1L << 30, 512);
    }

    /** The same with other bounds. */
    public ControlSettings within(Bounds others) {
        return new ControlSettings(times, others, slices, priorities);
    }

    /** The same with another word on failures that devices have in common. */
    public ControlSettings with(SlicePolicy policy) {
        return new ControlSettings(times, bounds, policy, priorities);
    }
}
