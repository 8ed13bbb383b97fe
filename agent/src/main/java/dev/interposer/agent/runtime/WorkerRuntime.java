package dev.interposer.agent.runtime;

import dev.interposer.proto.agent.v1.Progress;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerStatus;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs workers. What it says goes to its listener, from any thread, and never from within a call. */
public interface WorkerRuntime extends AutoCloseable {
    /** Told what becomes of workers. */
    interface Listener {
        void started(WorkerKey key);

        void exited(WorkerStatus status);
    }

    void start(WorkerAssignment assignment, Listener listener);

    /** Takes over a worker that an earlier agent began; its end is reported, at once if it is over. */
    void adopt(WorkerAssignment assignment, Listener listener);

    /** The polite signal; does nothing if it is gone. */
    void terminate(WorkerKey key);

    /** The hard signal; does nothing if it is gone. */
    void kill(WorkerKey key);

    /** Log of a worker, or null when there is none. */
    @Nullable
    LogFiles log(WorkerKey key);

    /** A leader was heard just now; leases that outlive the agent count from here. */
    void leaderHeard();

    /** Milliseconds since this or an earlier process heard a leader; 0 when nothing is known. */
    long millisSinceLeader();

    /** Hands over each worker whose process is there at this moment, or about to be. */
    void forEachLive(Consumer<WorkerKey> action);

    /** What each worker that speaks for its gang says of its progress; may wait for a disk, so not on the loop. */
    List<Progress> progress();

    /** Whether a process of this machine belongs to a worker that it runs. */
    boolean owns(long pid);

    @Override
    void close();
}
