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
    /**
     * Of what can't be written, so much is dropped between two tries once many have failed: few words are lost when
     * there is room again, and a worker that talks much is not held up by a program that is begun for each of them.
     */
    private static final int MOST_DROPPED_BLOCKS = 16;

    private static final long MOST_AWAIT_MILLIS = 2_000;

    /**
     * No redirection here belongs to a word of the shell's own, since one that fails would end the shell, and with it
     * the worker at its next word. The oldest file goes before the next one is made: that may need its place.
     */
    private static final String SCRIPT = "trap '' TERM INT HUP; umask 077; n=$1; drop=1; while :; do"
            + " if said=$(dd bs=\"$2\" count=\"$3\" 2>&1 >> \"log.$n\"); then drop=1; else"
            + " said=$(dd bs=\"$2\" count=\"$drop\" 2>&1 > /dev/null);"
            + " if [ \"$drop\" -lt " + MOST_DROPPED_BLOCKS + " ]; then drop=$((drop * 2)); fi; fi;"
            + " case $said in 0+0*) break;; esac;"
            + " if [ $(($(wc -c < \"log.$n\" || echo 0) + $2 * $3)) -gt \"$4\" ]; then"
            + " n=$((n + 1)); rm -f \"log.$((n - $5))\"; fi; done; rm -f " + OPEN;

    private LogPump() {}

    /**
     * The process to be started at the other end of the worker's output.
     *
     * @param fileBytes no file becomes larger
     * @param files so many are kept
     * @param programs of the system, by which it runs
     */
    static ProcessBuilder of(Path home, long fileBytes, int files, Programs programs) throws IOException {
        long stepBytes = fileBytes / STEPS_A_FILE;
        long blockBytes = Math.min(MOST_BLOCK_BYTES, stepBytes);
        Files.writeString(home.resolve(OPEN), "");
        ProcessBuilder pump = new ProcessBuilder(List.of(
                        programs.find("setsid"),
                        programs.find("sh"),
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
        environment.clear();
        environment.put("PATH", programs.path());
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
