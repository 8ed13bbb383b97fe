package dev.interposer.engine.state;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Request ids of accepted submissions, so that a repeated one gets the same answer. */
public final class Requests {
    private final Map<String, Remembered> byId = new HashMap<>();
    private final ArrayDeque<Remembered> inOrder = new ArrayDeque<>();
    private long forgottenBeforeMicros;

    /** A request id, the job that it made, and when. */
    public record Remembered(String requestId, long jobId, long atMicros) {}

    public @Nullable Remembered find(String requestId) {
        return byId.get(requestId);
    }

    /** Oldest first. */
    public Iterable<Remembered> all() {
        return inOrder;
    }

    public @Nullable Remembered oldest() {
        return inOrder.peekFirst();
    }

    /** Nothing from before this time is remembered, microseconds. */
    public long forgottenBeforeMicros() {
        return forgottenBeforeMicros;
    }

    public int size() {
        return inOrder.size();
    }

    void remember(String requestId, long jobId, long atMicros) {
        if (!requestId.isEmpty() && atMicros >= forgottenBeforeMicros && !byId.containsKey(requestId)) {
            Remembered remembered = new Remembered(requestId, jobId, atMicros);
            byId.put(requestId, remembered);
            inOrder.addLast(remembered);
        }
    }

    void forgetBefore(long beforeMicros) {
        forgottenBeforeMicros = Math.max(forgottenBeforeMicros, beforeMicros);
        while (!inOrder.isEmpty() && inOrder.getFirst().atMicros() < beforeMicros) {
            Remembered dropped = inOrder.removeFirst();
            byId.remove(dropped.requestId(), dropped);
        }
    }
}
