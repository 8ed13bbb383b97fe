package dev.interposer.control.core;

import java.util.Map;

/**
 * What the fleet's owner may set. Times in microseconds.
 *
 * @param requestMemoryMicros how long a request id is remembered
 * @param mostRequests bound on request ids that are remembered; the oldest are forgotten first
 * @param backoffBaseMicros wait after the first counted failure; doubles with each further one
 * @param backoffMostMicros longest wait
 * @param endedTtlMicros how long an ended job stays in the live state unless it says otherwise
 * @param selfFenceMarginMicros wait beyond a job's own lease before it is placed again
 * @param mostWaitingGangs bound on gangs that wait
 * @param mostSpecBytes bound on what different specs take of the heap together ({@link Footprints})
 * @param mostEndedJobs bound on ended jobs in the live state; the oldest leave first
 * @param assignmentsPerPage bound on assignments decided for one page
 * @param slices when failures of some devices keep new work off others
 * @param priorities priority classes by name; the empty name is the default
 */
public record ControlSettings(
        long requestMemoryMicros,
        int mostRequests,
        long backoffBaseMicros,
        long backoffMostMicros,
        long endedTtlMicros,
        long selfFenceMarginMicros,
        int mostWaitingGangs,
        long mostSpecBytes,
        int mostEndedJobs,
        int assignmentsPerPage,
        SlicePolicy slices,
        Map<String, Integer> priorities) {
    private static final long SECOND = 1_000_000;

    public static final ControlSettings DEFAULT = new ControlSettings(
            3600 * SECOND,
            1_000_000,
            5 * SECOND,
            300 * SECOND,
            86_400 * SECOND,
            10 * SECOND,
            1_000_000,
            1L << 30,
            100_000,
            512,
            SlicePolicy.DEFAULT,
            Map.of("", 0, "low", -100, "normal", 0, "high", 100, "critical", 1000));

    public ControlSettings {
        priorities = Map.copyOf(priorities);
    }

    /** The same with other bounds on what is kept. */
    public ControlSettings within(int waitingGangs, int endedJobs, int requests) {
        return new ControlSettings(
                requestMemoryMicros,
                requests,
                backoffBaseMicros,
                backoffMostMicros,
                endedTtlMicros,
                selfFenceMarginMicros,
                waitingGangs,
                mostSpecBytes,
                endedJobs,
                assignmentsPerPage,
                slices,
                priorities);
    }

    /** The same with another bound on specs. */
    public ControlSettings withinSpecBytes(long specBytes) {
        return new ControlSettings(
                requestMemoryMicros,
                mostRequests,
                backoffBaseMicros,
                backoffMostMicros,
                endedTtlMicros,
                selfFenceMarginMicros,
                mostWaitingGangs,
                specBytes,
                mostEndedJobs,
                assignmentsPerPage,
                slices,
                priorities);
    }

    /** The same with another word on failures that devices have in common. */
    public ControlSettings with(SlicePolicy policy) {
        return new ControlSettings(
                requestMemoryMicros,
                mostRequests,
                backoffBaseMicros,
                backoffMostMicros,
                endedTtlMicros,
                selfFenceMarginMicros,
                mostWaitingGangs,
                mostSpecBytes,
                mostEndedJobs,
                assignmentsPerPage,
                policy,
                priorities);
    }
}
