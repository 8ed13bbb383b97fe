package dev.interposer.tests.kubernetes;

import dev.interposer.tests.e2e.Installation;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * The programs of the control plane, built where they are missing. Where they can't be had these tests are skipped and
 * say why; {@code INTERPOSER_REQUIRE_KUBERNETES=1} makes that a failure.
 */
final class Binaries {
    private static @Nullable Path folder;

    private Binaries() {}

    static Path program(String name) throws IOException, InterruptedException {
        return folder().resolve(name);
    }

    private static synchronized Path folder() throws IOException, InterruptedException {
        Path known = folder;
        if (known != null) {
            return known;
        }
        // Progress of a build goes where whoever waits can see it.
        Process process = new ProcessBuilder(Installation.root()
                        .resolve("tests/kubernetes/control-plane")
                        .toString())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            String why =
                    "there is no control plane of Kubernetes to test with; tests/kubernetes/control-plane says why";
            if ("1".equals(System.getenv("INTERPOSER_REQUIRE_KUBERNETES"))) {
                throw new AssertionError(why);
            }
            System.err.println("SKIPPED: " + why);
            Assumptions.abort(why);
        }
        Path found = Path.of(said);
        folder = found;
        return found;
    }
}
