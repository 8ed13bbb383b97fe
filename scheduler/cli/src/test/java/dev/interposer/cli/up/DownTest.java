package dev.interposer.cli.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.cli.client.CliException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What {@code down} says of a process that does not go. */
class DownTest {
    @Test
    void aProcessThatDoesNotEndIsNamedWithWhatHelps() throws Exception {
        Process deaf = new ProcessBuilder("sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 1; done").start();
        try {
            assertThat(deaf.inputReader().readLine()).isEqualTo("deaf");
            assertThatThrownBy(() -> DownCommand.end(deaf.toHandle(), Duration.ofSeconds(1)))
                    .isInstanceOfSatisfying(
                            CliException.class, e -> assertThat(e.exitCode()).isEqualTo(6))
                    .hasMessageContaining("process " + deaf.pid() + " has not ended in 1 s. Maybe `kill -9");
            assertThat(deaf.isAlive()).isTrue();
        } finally {
            deaf.destroyForcibly();
        }
    }

    @Test
    void aProcessThatEndsIsAwaited() throws Exception {
        Process obedient = new ProcessBuilder("sleep", "60").start();
        DownCommand.end(obedient.toHandle(), Duration.ofSeconds(30));
        assertThat(obedient.isAlive()).isFalse();
    }
}
