package dev.interposer.simulation.fault;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** One clock and one order of things for a whole world: the same seed gives the same run. */
final class VirtualTime {
    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::atMillis).thenComparingLong(Task::number));
    private final SplittableRandom random;
    private long nowMillis = 1_000_000;
    private long number;

    private record Task(long atMillis, long number, Runnable what) {}

    VirtualTime(long seed) {
        this.random = new SplittableRandom(seed);
    }

    long nowMillis() {
        return nowMillis;
    }

    /** From 0 to below the bound. */
    int random(int bound) {
        return random.nextInt(bound);
    }

    boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    void after(long millis, Runnable what) {
        tasks.add(new Task(nowMillis + Math.max(0, millis), number++, what));
    }

    /** Runs what is due until the time is reached or nothing is left. */
    void runUntil(long millis) {
        while (!tasks.isEmpty() && tasks.peek().atMillis() <= millis) {
            Task task = tasks.remove();
            nowMillis = Math.max(nowMillis, task.atMillis());
            task.what().run();
        }
        nowMillis = Math.max(nowMillis, millis);
    }
}
