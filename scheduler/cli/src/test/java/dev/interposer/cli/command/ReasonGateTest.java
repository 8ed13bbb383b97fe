package dev.interposer.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.cli.client.CliException;
import dev.interposer.simulation.openb.ReplayResult;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A replay fails when too many of its pods are told nothing but that they wait. */
class ReasonGateTest {
    @Test
    void fiveInAHundredAreAllowed() {
        assertThatCode(() -> ReplayCommand.explained(result(100, 5))).doesNotThrowAnyException();
        assertThatCode(() -> ReplayCommand.explained(result(0, 0))).doesNotThrowAnyException();
    }

    @Test
    void oneMoreFailsTheReplay() {
        assertThatThrownBy(() -> ReplayCommand.explained(result(100, 6)))
                .isInstanceOfSatisfying(
                        CliException.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(CliException.UNEXPLAINED))
                .hasMessageContaining("6 of 100 pods");
        assertThatThrownBy(() -> ReplayCommand.explained(result(1, 1))).isInstanceOf(CliException.class);
    }

    private static ReplayResult result(int unplaced, int vague) {
        return new ReplayResult(
                0, 0, Map.of(), 1000, unplaced, vague, 0, new ReplayResult.Waiting(0, 0, 0, 0, 0), Map.of());
    }
}
