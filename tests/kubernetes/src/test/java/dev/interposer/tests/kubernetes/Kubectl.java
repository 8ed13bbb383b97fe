package dev.interposer.tests.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The real kubectl, as one user types it. */
final class Kubectl {
    private static final long PATIENCE_SECONDS = 120;

    private final Path kubeconfig;
    private final Path folder;

    Kubectl(Path kubeconfig, Path folder) {
        this.kubeconfig = kubeconfig;
        this.folder = folder;
    }

    /** What a command said, and how it ended. */
    record Said(int code, String text) {}

    /** What it said; it must end well. */
    String ok(String... words) throws IOException, InterruptedException {
        Said said = run(words);
        assertThat(said.code())
                .as("kubectl %s: %s", String.join(" ", words), said.text())
                .isZero();
        return said.text();
    }

    /** Why it was refused; it must be. */
    String refused(String... words) throws IOException, InterruptedException {
        Said said = run(words);
        assertThat(said.code())
                .as("kubectl %s: %s", String.join(" ", words), said.text())
                .isNotZero();
        return said.text();
    }

    /** Applies a text, which must end well. */
    String apply(String manifest) throws IOException, InterruptedException {
        return ok("apply", "-f", file(manifest).toString());
    }

    /** A file with a text, for commands. */
    Path file(String manifest) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "manifest", ".yaml"), manifest);
    }

    Said run(String... words) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(Binaries.program("kubectl").toString(), "--kubeconfig", kubeconfig.toString()));
        command.addAll(List.of(words));
        Path out = Files.createTempFile(folder, "kubectl", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(out.toFile());
        // Its caches, which live in the home folder else.
        builder.environment()
                .put("KUBECACHEDIR", folder.resolve("kubectl-cache").toString());
        Process process = builder.start();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError(
                    "kubectl " + String.join(" ", words) + " took longer than " + PATIENCE_SECONDS + " s");
        }
        String text = Files.readString(out);
        Files.delete(out);
        return new Said(process.exitValue(), text);
    }
}
