package dev.interposer.server.loop;

import dev.interposer.control.core.ControlSettings;

/**
 * How much is kept before more is refused, by the heap: a server that runs out of it would lose its leadership and come
 * back to the same load, while a refused client only tries again.
 */
final class HeapBounds {
    /** What the server takes without a job, and what a collector needs free to work at all. */
    private static final long BASE_BYTES = 96L << 20;

    private static final long USABLE_PERCENT = 75;
    private static final long WAITING_PERCENT = 50;
    private static final long ENDED_PERCENT = 20;
    private static final long REQUESTS_PERCENT = 12;
    private static final long SPECS_PERCENT = 18;
    private static final long LEAST_SPEC_BYTES = 1L << 20;

    /** Of one waiting job in both folds, measured; docs/PERFORMANCE.md. */
    private static final long WAITING_BYTES = 1_200;

    /** One that ended has workers besides. */
    private static final long ENDED_BYTES = 1_600;

    private static final long REQUEST_BYTES = 112;

    /** Of commands on their way, beside all that: of the quarter that is not usable for good. */
    private static final long COMMANDS_PERCENT = 6;

    private static final long LEAST_COMMAND_BYTES = 16L << 20;
    private static final long MOST_COMMAND_BYTES = 1L << 30;

    private HeapBounds() {}

    /** How much of the heap commands may hold until their outcome is known. */
    static long commandBytes(long heapBytes) {
        return Math.clamp(heapBytes * COMMANDS_PERCENT / 100, LEAST_COMMAND_BYTES, MOST_COMMAND_BYTES);
    }

    static ControlSettings of(long heapBytes) {
        long usable = Math.max(0, heapBytes * USABLE_PERCENT / 100 - BASE_BYTES);
        ControlSettings.Bounds most = ControlSettings.DEFAULT.bounds();
        return ControlSettings.DEFAULT.within(new ControlSettings.Bounds(
                bound(usable, WAITING_PERCENT, WAITING_BYTES, most.mostWaitingGangs()),
                bound(usable, ENDED_PERCENT, ENDED_BYTES, most.mostEndedJobs()),
                bound(usable, REQUESTS_PERCENT, REQUEST_BYTES, most.mostRequests()),
                Math.clamp(usable * SPECS_PERCENT / 100, LEAST_SPEC_BYTES, most.mostSpecBytes()),
                most.assignmentsPerPage()));
    }

    private static int bound(long usable, long percent, long bytes, int most) {
        return (int) Math.clamp(usable * percent / 100 / bytes, 1_000L, most);
    }
}
