package dev.interposer.agent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Writes what a worker says into its log, file by file, as a process of its own beside the worker.
 *
 * <p>Naive is to let the worker write into a file and to cut that from time to time; whatever is written between the
 * copy and the cut is lost, and a worker can't be made to reopen its log. An agent that reads a pipe loses nothing and
 * stops the worker as soon as nobody reads, when the agent is gone. So a small shell reads the pipe for as long as
 * somebody has its other end, whether an agent is there or not: {@code dd} copies a bounded number of blocks, each as
 * soon as it comes, and between two of them the shell goes on to the next file if this one has no room for as much
 * again. It is a session of its own, without the worker's environment and outside its cgroup, so that whatever ends the
 * worker does not take the last lines with it. What can't be written, to a full disk say, is dropped: work goes on.
 */
final class LogPump {
    /** Exists from before the start of the pump until all that the worker said is in its files. */
    static final String OPEN = "log-open";

    private static final int MOST_BLOCK_BYTES = 64 * 1024;
    private static final int STEPS_A_FILE = 4;
    private static final long MOST_AWAIT_MILLIS = 2_000;

    private static final String SCRIPT = "trap '' TERM INT HUP; umask 077; n=$1; while :; do"
            + " said=$(dd bs=\"$2\" count=\"$3\" 2>&1 >> \"log.$n\")"
            + " || said=$(sleep 0.2; dd bs=\"$2\" count=1 2>&1 > /dev/null);"
            + " case $said in 0+0*) break;; esac;"
            + " if [ $(($(wc -c < \"log.$n\" || echo 0) + $2 * $3)) -gt \"$4\" ]; then"
            + " n=$((n + 1)); : >> \"log.$n\"; rm -f \"log.$((n - $5))\"; fi; done; rm -f " + OPEN;

    private LogPump() {}

    /**
     * The process to be started at the other end of the worker's output.
     *
     * @param fileBytes no file becomes larger
     * @param files so many are kept
     */
    static ProcessBuilder of(Path home, long fileBytes, int files) throws IOException {
        long stepBytes = fileBytes / STEPS_A_FILE;
        long blockBytes = Math.min(MOST_BLOCK_BYTES, stepBytes);
        Files.writeString(home.resolve(OPEN), "");
        ProcessBuilder pump = new ProcessBuilder(List.of(
                        "setsid",
                        "sh",
                        "-c",
                        SCRIPT,
                        "interposer-log",
                        Long.toString(new LogFiles(home).fresh()),
                        Long.toString(blockBytes),
                        Long.toString(stepBytes / blockBytes),
                        Long.toString(fileBytes),
                        Integer.toString(files)))
                .directory(home.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        Map<String, String> environment = pump.environment();
        String path = environment.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
        environment.clear();
        environment.put("PATH", path);
        // The words of dd are read.
        environment.put("LC_ALL", "C");
        return pump;
    }

    /**
     * Returns when all that was said is in the files. Whoever still holds the pipe is not of the worker any more, or
     * the pump was killed, so that is not waited for longer than a pump takes.
     */
    static void awaitEnd(Path home) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MOST_AWAIT_MILLIS);
        try {
            while (Files.exists(home.resolve(OPEN)) && System.nanoTime() < deadline) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            Files.deleteIfExists(home.resolve(OPEN));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // Whoever follows the log then waits for more until they give up.
            System.getLogger(LogPump.class.getName()).log(System.Logger.Level.WARNING, "can't be removed", e);
        }
    }
}
