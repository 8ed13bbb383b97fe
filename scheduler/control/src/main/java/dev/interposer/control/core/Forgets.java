package dev.interposer.control.core;

import dev.interposer.control.core.Timers.Timer;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * When ended jobs leave the live state, the earliest first.
 *
 * <p>Nearly all are kept for the same time, so they fall due in the order of their coming and need no search. The
 * others, and those that a new leader finds, are put in order.
 */
final class Forgets {
    private final ArrayDeque<Timer> inOrder = new ArrayDeque<>();
    private final PriorityQueue<Timer> others =
            new PriorityQueue<>(Comparator.comparingLong(Timer::dueMicros).thenComparingLong(Timer::id));

    /** @param usual whether it is kept for as long as most are */
    void add(Timer timer, boolean usual) {
        boolean last = inOrder.isEmpty() || inOrder.getLast().dueMicros() <= timer.dueMicros();
        if (usual && last) {
            inOrder.add(timer);
        } else {
            others.add(timer);
        }
    }

    int size() {
        return inOrder.size() + others.size();
    }

    /** When the next is due; the greatest long for never. */
    long nextDueMicros() {
        return Math.min(dueMicros(inOrder.peek()), dueMicros(others.peek()));
    }

    /** Takes the next, or returns null. */
    @Nullable
    Timer poll() {
        boolean isInOrder = dueMicros(inOrder.peek()) <= dueMicros(others.peek());
        return isInOrder && !inOrder.isEmpty() ? inOrder.poll() : others.poll();
    }

    private static long dueMicros(@Nullable Timer timer) {
        return timer == null ? Long.MAX_VALUE : timer.dueMicros();
    }
}
