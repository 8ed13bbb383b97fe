package dev.interposer.engine.model;

/**
 * How many workers: any of min, min + step, … max. A fixed count has min = max.
 *
 * @param min at least 1
 * @param max at least min
 * @param step at least 1
 */
public record WorkerCount(int min, int max, int step) {
    public static WorkerCount of(int count) {
        return new WorkerCount(count, count, 1);
    }

    /** Whether a gang may have so many. */
    public boolean admits(int count) {
        return count >= min && count <= max && (count - min) % step == 0;
    }
}
