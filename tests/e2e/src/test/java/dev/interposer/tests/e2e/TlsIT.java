package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A port that is encrypted, for agents and for people, and whom they trust after a restart. */
class TlsIT {
    @TempDir
    private Path home;

    private Process encrypted(Typed typed, String log) throws Exception {
        ProcessBuilder builder = typed.upBuilder(Ports.free(), Ports.free(), log);
        builder.environment().put("INTERPOSER_TLS_MODE", "own");
        Process up = builder.start();
        typed.awaitUp(up, log);
        return up;
    }

    @Test
    void jobsRunOverTlsAndTheAuthorityOutlivesTheServer() throws Exception {
        Typed typed = new Typed(home);
        Process first = encrypted(typed, "first.log");
        Path copied = home.resolve("copied.pem");
        try {
            assertThat(typed.run("submit", "examples/hello.yaml").code()).isZero();
            assertThat(typed.run("watch", "hello", "-n", "research").text()).contains("Succeeded");
            assertThat(Files.readString(home.resolve("logs/server.log"))).contains("TLS with certificates of");
            assertThat(typed.run("status", "--plaintext").code()).isEqualTo(4);
            Files.copy(home.resolve("ca.pem"), copied);
            assertThat(typed.run("status", "--ca-file", "examples/hello.yaml").text())
                    .contains("--ca-file (examples/hello.yaml)");
        } finally {
            first.destroyForcibly();
        }
        assertThat(first.waitFor(10, TimeUnit.SECONDS)).isTrue();

        Process second = encrypted(typed, "second.log");
        try {
            assertThat(home.resolve("ca.pem")).hasSameTextualContentAs(copied);
            assertThat(typed.run("status", "--ca-file", copied.toString()).code())
                    .isZero();
            assertThat(typed.run("get", "jobs").text()).contains("hello", "Succeeded");
        } finally {
            typed.run("down");
            assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }
}
