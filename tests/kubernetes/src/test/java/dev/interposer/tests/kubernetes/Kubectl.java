package dev.interposer.tests.kubernetes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The real kubectl, as one user types it. */
final class Kubectl {
    private final Path kubeconfig;
    private final Path folder;

    Kubectl(Path kubeconfig, Path folder) {
        this.kubeconfig = kubeconfig;
        this.folder = folder;
    }

    /** What it said; it must end well. */
    String ok(String... words) throws IOException, InterruptedException {
        return command().ok(words);
    }

    /** Why it was refused; it must be. */
    String refused(String... words) throws IOException, InterruptedException {
        return command().refused(words);
    }

    /** Applies a text, which must end well. */
    String apply(String manifest) throws IOException, InterruptedException {
        return ok("apply", "-f", file(manifest).toString());
    }

    /** A file with a text, for commands. */
    Path file(String manifest) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "manifest", ".yaml"), manifest);
    }

    Command.Said run(String... words) throws IOException, InterruptedException {
        return command().run(words);
    }

    private Command command() throws IOException, InterruptedException {
        return new Command(
                List.of(Binaries.program("kubectl").toString(), "--kubeconfig", kubeconfig.toString()),
                folder,
                // Its caches, which live in the home folder else.
                Map.of("KUBECACHEDIR", folder.resolve("kubectl-cache").toString()));
    }
}
