package dev.interposer.agent.runtime;

import dev.interposer.proto.agent.v1.EndCause;
import dev.interposer.proto.agent.v1.Progress;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerState;
import dev.interposer.proto.agent.v1.WorkerStatus;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Workers that only take time: for large simulated fleets. A job may say how long, by the variable {@value #MILLIS} of
 * its container.
 */
public final class SimulatedRuntime implements WorkerRuntime {
    /** Milliseconds that a worker takes, in place of the node's own figure. */
    static final String MILLIS = "INTERPOSER_SIMULATED_MILLIS";

    private static final Pattern NUMBER = Pattern.compile("\\d{1,15}");

    private final Loop timer;
    private final long runMillis;
    private final Map<WorkerKey, Running> running = new ConcurrentHashMap<>();

    private record Running(Listener listener, Loop.Scheduled end) {}

    public SimulatedRuntime(Loop timer, long runMillis) {
        this.timer = timer;
        this.runMillis = runMillis;
    }

    @Override
    public void start(WorkerAssignment assignment, Listener listener) {
        WorkerKey key = assignment.getKey();
        Loop.Scheduled end = timer.after(millis(assignment), () -> finish(key, EndCause.END_CAUSE_COMPLETED));
        running.put(key, new Running(listener, end));
        timer.execute(() -> listener.started(key));
    }

    @Override
    public void adopt(WorkerAssignment assignment, Listener listener) {
        WorkerStatus lost = ended(assignment.getKey(), EndCause.END_CAUSE_UNKNOWN);
        timer.execute(() -> listener.exited(lost));
    }

    @Override
    public void terminate(WorkerKey key) {
        timer.execute(() -> finish(key, EndCause.END_CAUSE_RELEASED));
    }

    @Override
    public void kill(WorkerKey key) {
        terminate(key);
    }

    @Override
    public @Nullable LogFiles log(WorkerKey key) {
        return null;
    }

    @Override
    public void leaderHeard() {
        // Its workers end with the agent.
    }

    @Override
    public long millisSinceLeader() {
        return 0;
    }

    @Override
    public void forEachLive(Consumer<WorkerKey> action) {
        List.copyOf(running.keySet()).forEach(action);
    }

    /** What only waits makes no progress. */
    @Override
    public List<Progress> progress() {
        return List.of();
    }

    @Override
    public boolean owns(long pid) {
        return false;
    }

    @Override
    public void close() {
        running.values().forEach(worker -> worker.end().cancel());
    }

    private long millis(WorkerAssignment assignment) {
        String said = assignment.getContainer().getEnvOrDefault(MILLIS, "");
        return NUMBER.matcher(said).matches() ? Long.parseLong(said) : runMillis;
    }

    private void finish(WorkerKey key, EndCause cause) {
        Running worker = running.remove(key);
        if (worker != null) {
            worker.end().cancel();
            worker.listener().exited(ended(key, cause));
        }
    }

    private static WorkerStatus ended(WorkerKey key, EndCause cause) {
        return WorkerStatus.newBuilder()
                .setKey(key)
                .setState(WorkerState.WORKER_STATE_ENDED)
                .setCause(cause)
                .build();
    }
}
