package dev.interposer.tests.benchmark;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * Figures of the engine alone that hold on a busy machine: processor time of the one thread in place of wall time, and
 * bytes allocated by it. Arguments: {@code decide} (every rule on), {@code plain} (one queue without bounds) or {@code
 * place} (placing alone), then numbers of nodes.
 */
public final class DecideFigures {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int WAITING = 100_000;
    private static final long SEED = 42;
    private static final long MEASURED_MILLIS = 5_000;

    private final Operated scene;

    DecideFigures(Operated scene) {
        this.scene = scene;
    }

    /** What some operations cost; processor time in nanoseconds. */
    record Cost(long placements, long workers, long cpuNanos, long decidingNanos, long bytes) {
        long nanosPerPlacement() {
            return cpuNanos / Math.max(1, placements);
        }

        /** Of those nanoseconds, by the wall clock: the decision and its event in the state. */
        long decidingPerPlacement() {
            return decidingNanos / Math.max(1, placements);
        }

        long bytesPerPlacement() {
            return bytes / Math.max(1, placements);
        }
    }

    /** Operates for so long, milliseconds of processor time. */
    Cost run(long cpuMillis) {
        long placements = scene.placements();
        long workers = scene.workers();
        long deciding = scene.decidingNanos();
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        long begun = THREADS.getCurrentThreadCpuTime();
        long end = begun + cpuMillis * 1_000_000;
        long now = begun;
        while (now < end) {
            for (int operation = 0; operation < 16; operation++) {
                scene.operate();
            }
            now = THREADS.getCurrentThreadCpuTime();
        }
        return new Cost(
                scene.placements() - placements,
                scene.workers() - workers,
                now - begun,
                scene.decidingNanos() - deciding,
                THREADS.getCurrentThreadAllocatedBytes() - bytes);
    }

    public static void main(String[] arguments) {
        String kind = arguments[0];
        long smallest = 0;
        for (int argument = 1; argument < arguments.length; argument++) {
            int nodes = Integer.parseInt(arguments[argument]);
            long begun = THREADS.getCurrentThreadCpuTime();
            Operated scene = kind.equals("place")
                    ? new PlaceScene(nodes, SEED)
                    : new DecideScene(nodes, WAITING, SEED, kind.equals("decide"));
            long filled = THREADS.getCurrentThreadCpuTime() - begun;
            DecideFigures figures = new DecideFigures(scene);
            figures.run(MEASURED_MILLIS);
            Cost cost = figures.run(MEASURED_MILLIS);
            smallest = smallest == 0 ? cost.nanosPerPlacement() : smallest;
            System.out.printf(
                    Locale.ROOT,
                    "%7d nodes: %8d placements/s of processor time, %7d ns (deciding %d) and %6d bytes a placement,"
                            + " %.2f workers each,"
                            + " %.2f times the first; filled in %.1f s, free %d/1000; %s%n",
                    nodes,
                    1_000_000_000L / cost.nanosPerPlacement(),
                    cost.nanosPerPlacement(),
                    cost.decidingPerPlacement(),
                    cost.bytesPerPlacement(),
                    (double) cost.workers() / cost.placements(),
                    (double) cost.nanosPerPlacement() / smallest,
                    filled / 1e9,
                    scene.freeMilli(),
                    scene);
        }
    }
}
