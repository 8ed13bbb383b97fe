package dev.interposer.market;

import dev.interposer.engine.model.JobQueue;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which queues are below which. */
final class QueuePaths {
    private final Map<String, String> parents = new HashMap<>();

    QueuePaths(Collection<JobQueue> queues) {
        queues.forEach(queue -> parents.put(queue.name(), queue.parentName()));
    }

    /** Whether a queue is one of some, or below one. */
    boolean within(String queueName, Collection<String> some) {
        String at = queueName;
        Set<String> seen = new HashSet<>();
        while (!at.isEmpty() && seen.add(at)) {
            if (some.contains(at)) {
                return true;
            }
            at = parents.getOrDefault(at, "");
        }
        return false;
    }
}
