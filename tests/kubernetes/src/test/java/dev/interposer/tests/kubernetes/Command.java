package dev.interposer.tests.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program of the command line that is run once for each thing that is asked of it.
 *
 * @param start the program and the words that always follow it
 * @param folder where what it says is kept meanwhile
 */
record Command(List<String> start, Path folder, Map<String, String> environment) {
    private static final long PATIENCE_SECONDS = 120;

    /** What it said, both streams as one, and how it ended. */
    record Said(int code, String text) {}

    /** What it said; it must end well. */
    String ok(String... words) throws IOException, InterruptedException {
        Said said = run(words);
        assertThat(said.code())
                .as("%s: %s", String.join(" ", words), said.text())
                .isZero();
        return said.text();
    }

    /** Why it was refused; it must be. */
    String refused(String... words) throws IOException, InterruptedException {
        Said said = run(words);
        assertThat(said.code())
                .as("%s: %s", String.join(" ", words), said.text())
                .isNotZero();
        return said.text();
    }

    Said run(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(start);
        command.addAll(List.of(words));
        Path out = Files.createTempFile(folder, "said", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(out.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError(String.join(" ", command) + " took longer than " + PATIENCE_SECONDS + " s");
        }
        String text = Files.readString(out);
        Files.delete(out);
        return new Said(process.exitValue(), text);
    }
}
