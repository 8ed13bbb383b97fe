package dev.interposer.agent.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Processes of a worker, by the exit file that stands in their environment: also those that left its group by
 * {@code setsid}. One that cleared its environment as well is not found; only a container holds that one.
 */
final class Strays {
    private static final Path SELF = Path.of("/proc/self/environ");
    private static final long FIRST_PAUSE_MILLIS = 10;
    private static final long MOST_PAUSE_MILLIS = 1_000;

    private Strays() {}

    /** Whether this system shows the environment of processes. */
    static boolean visible() {
        return Files.exists(SELF);
    }

    static boolean belongs(long pid, Path exitFile) {
        // Entries end with a zero, the last one too; a process that is gone but not collected has none.
        return saysOf(pid, exitFile + "\0");
    }

    /** Of any worker whose folder lies in this one. */
    static boolean belongsUnder(long pid, Path folder) {
        return saysOf(pid, folder + "/");
    }

    private static boolean saysOf(long pid, String exitFile) {
        try {
            byte[] environment = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "environ"));
            return new String(environment, StandardCharsets.UTF_8).contains("INTERPOSER_EXIT_FILE=" + exitFile);
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Kills all of them and returns when none is left. That may take for ever, when one hangs in a driver: then it
     * holds its device for just as long.
     */
    static void end(Path exitFile) {
        long pause = FIRST_PAUSE_MILLIS;
        List<ProcessHandle> left = of(exitFile);
        while (!left.isEmpty()) {
            left.forEach(ProcessHandle::destroyForcibly);
            try {
                TimeUnit.MILLISECONDS.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            pause = Math.min(2 * pause, MOST_PAUSE_MILLIS);
            left = of(exitFile);
        }
    }

    private static List<ProcessHandle> of(Path exitFile) {
        if (!visible()) {
            return List.of();
        }
        return ProcessHandle.allProcesses()
                .filter(process -> belongs(process.pid(), exitFile))
                .toList();
    }
}
