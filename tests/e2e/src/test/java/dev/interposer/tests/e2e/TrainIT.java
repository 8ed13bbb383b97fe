package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench train}: a server starts with what another has learned, or the reason is in its log. */
class TrainIT {
    @TempDir
    private Path home;

    @Test
    void theNextUpStartsTheServerWithWhatWasTrained() throws Exception {
        Typed typed = new Typed(home);
        Typed.Said trained = typed.runWithin(600, "bench", "train");
        assertThat(trained.code()).as(trained.text()).isZero();
        Process up = typed.up(Ports.free(), Ports.free(), "up.log");
        try {
            typed.awaitUp(up, "up.log");
            assertThat(ProcessHandle.allProcesses()
                            .map(process -> process.info().commandLine().orElse(""))
                            .filter(line -> line.contains(home.toString()) && line.contains("quarkus-run.jar")))
                    .singleElement()
                    .asString()
                    .contains("-XX:AOTCache=");
            // Whatever keeps the JVM from using a cache it says there, and goes on without.
            assertThat(Files.readString(home.resolve("logs/server.log"))).doesNotContain("[aot]", "[cds]");
        } finally {
            typed.run("down");
            assertThat(up.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }
}
