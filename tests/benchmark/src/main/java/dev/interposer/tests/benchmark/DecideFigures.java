package dev.interposer.tests.benchmark;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * Figures of the engine alone that hold on a busy machine: processor time of the one thread in place of wall time, and
 * bytes allocated by it. Arguments: numbers of nodes.
 */
public final class DecideFigures {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int WAITING = 100_000;
    private static final long SEED = 42;

    private final DecideScene scene;

    DecideFigures(DecideScene scene) {
        this.scene = scene;
    }

    /** What some operations cost; processor time in nanoseconds. */
    record Cost(long operations, long placements, long workers, long cpuNanos, long bytes) {
        long nanosPerPlacement() {
            return cpuNanos / Math.max(1, placements);
        }

        long bytesPerPlacement() {
            return bytes / Math.max(1, placements);
        }
    }

    /** Operates for so long, milliseconds of processor time. */
    Cost run(long cpuMillis) {
        long placements = scene.placements();
        long workers = scene.workers();
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        long begun = THREADS.getCurrentThreadCpuTime();
        long end = begun + cpuMillis * 1_000_000;
        long operations = 0;
        long now = begun;
        while (now < end) {
            for (int operation = 0; operation < 16; operation++) {
                scene.operate();
            }
            operations += 16;
            now = THREADS.getCurrentThreadCpuTime();
        }
        return new Cost(
                operations,
                scene.placements() - placements,
                scene.workers() - workers,
                now - begun,
                THREADS.getCurrentThreadAllocatedBytes() - bytes);
    }

    public static void main(String[] arguments) {
        long smallest = 0;
        for (String nodes : arguments) {
            long begun = THREADS.getCurrentThreadCpuTime();
            DecideScene scene = new DecideScene(Integer.parseInt(nodes), WAITING, SEED);
            long filled = THREADS.getCurrentThreadCpuTime() - begun;
            DecideFigures figures = new DecideFigures(scene);
            figures.run(10_000);
            Cost cost = figures.run(10_000);
            smallest = smallest == 0 ? cost.nanosPerPlacement() : smallest;
            System.out.printf(
                    Locale.ROOT,
                    "%7s nodes: %8d placements/s of processor time, %8d ns and %6d bytes a placement,"
                            + " %.2f workers each,"
                            + " %.2f times the first; fill %.1f s, free %d/1000, waiting %d%n",
                    nodes,
                    1_000_000_000L / cost.nanosPerPlacement(),
                    cost.nanosPerPlacement(),
                    cost.bytesPerPlacement(),
                    (double) cost.workers() / cost.placements(),
                    (double) cost.nanosPerPlacement() / smallest,
                    filled / 1e9,
                    scene.freeMilli(),
                    scene.waiting());
        }
    }
}
