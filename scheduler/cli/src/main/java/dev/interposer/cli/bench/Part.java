package dev.interposer.cli.bench;

import dev.interposer.cli.client.CliException;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of a run, its log, and the few lines that are said to it and that it says. */
final class Part implements AutoCloseable {
    /** A server that is trained works for seconds after its end. */
    private static final int PATIENCE_SECONDS = 60;

    private final String name;
    private final Process process;
    private final Path log;
    private final BufferedWriter in;

    private Part(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.in = process.outputWriter(StandardCharsets.UTF_8);
    }

    static Part start(String name, List<String> command, Path folder) throws IOException {
        Path log = folder.resolve(name + ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.to(new File(log.toString())))
                .start();
        return new Part(name, process, log);
    }

    String name() {
        return name;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    void say(String line) throws IOException {
        in.write(line + "\n");
        in.flush();
    }

    /** The line of its log that begins with a word, without it. */
    String await(String word, long seconds) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (true) {
            boolean alive = process.isAlive();
            for (String line : Files.readAllLines(log)) {
                if (line.equals(word) || line.startsWith(word + " ")) {
                    return line.substring(word.length()).strip();
                }
            }
            if (!alive || System.nanoTime() > deadline) {
                throw new CliException(
                        1,
                        name + (alive ? " did not say '" + word + "' in " + seconds + " s" : " ended") + "; see "
                                + log);
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /** Throws if it has failed; one that is done may be gone. */
    void requireSound() {
        if (!process.isAlive() && process.exitValue() != 0) {
            throw new CliException(1, name + " ended with code " + process.exitValue() + "; see " + log);
        }
    }

    /** Asks it to end; one that does not is ended. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
