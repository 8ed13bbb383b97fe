package dev.interposer.agent.link;

import dev.interposer.proto.agent.v1.Progress;
import dev.interposer.proto.agent.v1.WorkerKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What of the workers' progress the scheduler does not know yet. */
final class ProgressDelta {
    private final Map<WorkerKey, Progress> told = new HashMap<>();

    /** A new stream: the scheduler knows nothing. */
    void nothingTold() {
        told.clear();
    }

    /**
     * Changes since the last call; workers that are gone are forgotten.
     *
     * @param now of every worker that is there
     * @param readMillis when it was read, by the clock that the agent's uptime is counted with
     */
    List<Progress> changes(List<Progress> now, long readMillis) {
        List<Progress> changes = new ArrayList<>();
        Map<WorkerKey, Progress> known = new HashMap<>();
        for (Progress progress : now) {
            known.put(progress.getKey(), progress);
            boolean silent =
                    progress.getUnit().isEmpty() && progress.getRefusal().isEmpty();
            if (!silent && !progress.equals(told.get(progress.getKey()))) {
                changes.add(progress.toBuilder().setReadMillis(readMillis).build());
            }
        }
        told.clear();
        told.putAll(known);
        return changes;
    }
}
