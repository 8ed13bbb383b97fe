package dev.interposer.agent.runtime;

import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A worker from the moment in which it is to be started, or was found, until nothing of it is left.
 *
 * <p>Its devices are made ready off the agent's loop, which may take long, and meanwhile it may be asked to stop. Then
 * it does not begin at all: whoever asks need not know how far the start has come.
 */
final class LiveWorker {
    static final String TERMINATE = "-TERM";
    static final String KILL = "-KILL";

    private final WorkerAssignment assignment;
    private final Path home;
    private @Nullable ProcessHandle process;
    private @Nullable WorkerCgroup group;
    private boolean askedToEnd;

    /** How the process is made. */
    interface Start {
        Process begin() throws IOException;
    }

    LiveWorker(WorkerAssignment assignment, Path home, @Nullable ProcessHandle process) {
        this.assignment = assignment;
        this.home = home;
        this.process = process;
    }

    WorkerAssignment assignment() {
        return assignment;
    }

    Path home() {
        return home;
    }

    /** What bounds it, once that is made or was found. */
    synchronized void in(@Nullable WorkerCgroup made) {
        group = made;
    }

    synchronized @Nullable WorkerCgroup group() {
        return group;
    }

    /** Null, and nothing was begun, if it was asked to end before. */
    synchronized @Nullable Process begin(Start start) throws IOException {
        if (askedToEnd) {
            return null;
        }
        Process begun = start.begin();
        process = begun.toHandle();
        return begun;
    }

    /** Whether its process is there, or will be. */
    synchronized boolean lives() {
        return process == null ? !askedToEnd : process.isAlive();
    }

    /** To the whole group: the process is its own session, so its number is the group's. */
    synchronized void signal(String signal) {
        if (process == null) {
            askedToEnd = true;
            return;
        }
        if (group != null && signal.equals(KILL)) {
            group.kill();
        }
        try {
            new ProcessBuilder("kill", signal, "--", "-" + process.pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
