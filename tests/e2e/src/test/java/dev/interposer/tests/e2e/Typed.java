package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command as somebody types it in a checkout, with a home of its own. */
final class Typed {
    private final Path home;

    Typed(Path home) {
        this.home = home;
    }

    /** What a command said, and how it ended. */
    record Said(int code, String text) {}

    Process up(int port, int httpPort, String log) throws IOException {
        return upBuilder(port, httpPort, log).start();
    }

    ProcessBuilder upBuilder(int port, int httpPort, String log) {
        List<String> command =
                new ArrayList<>(List.of("env", "--default-signal=INT", "setsid", "sh", "./interposer", "up"));
        command.addAll(List.of("--port", Integer.toString(port), "--http-port", Integer.toString(httpPort)));
        return builder(command).redirectOutput(home.resolve(log).toFile());
    }

    void awaitUp(Process process, String log) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!Files.readString(home.resolve(log)).contains("In another terminal:")) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new AssertionError("`up` did not come up: " + Files.readString(home.resolve(log)));
            }
            Thread.sleep(100);
        }
    }

    Said run(String... words) throws IOException, InterruptedException {
        return runWithin(60, words);
    }

    Said runWithin(long seconds, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sh", "./interposer"));
        command.addAll(List.of(words));
        Path out = Files.createTempFile(home, "out", ".txt");
        Process process = builder(command).redirectOutput(out.toFile()).start();
        assertThat(process.waitFor(seconds, TimeUnit.SECONDS))
                .as(String.join(" ", words))
                .isTrue();
        return new Said(process.exitValue(), Files.readString(out));
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(Installation.root().toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().put("INTERPOSER_HOME", home.toString());
        // The build has just made what the launcher would look for.
        builder.environment().put("INTERPOSER_NO_BUILD", "1");
        return builder;
    }
}
