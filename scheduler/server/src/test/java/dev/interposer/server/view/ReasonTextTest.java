package dev.interposer.server.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReasonTextTest {
    @ParameterizedTest
    @EnumSource(value = ReasonCode.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void everyReasonHasWords(ReasonCode code) {
        assertThat(ReasonText.of(Reason.of(code))).isNotBlank();
    }

    /** Cores are asked for as cores and memory as Gi, whatever the state counts in. */
    @Test
    void amountsAreSaidInTheUnitsInWhichTheyAreAskedFor() {
        assertThat(exceeds("cpu", "500000", "96000")).isEqualTo("one worker needs 500 cpu, the largest node has 96");
        assertThat(exceeds("cpu", "1500", "500")).isEqualTo("one worker needs 1.5 cpu, the largest node has 0.5");
        assertThat(exceeds("memory", Long.toString(3L << 40), Long.toString(1536L << 30)))
                .isEqualTo("one worker needs 3Ti memory, the largest node has 1.5Ti");
        assertThat(exceeds("pods", "1002", "1001")).isEqualTo("one worker needs 1002 pods, the largest node has 1001");
    }

    private static String exceeds(String resource, String needed, String largest) {
        return ReasonText.of(new Reason(
                ReasonCode.WORKER_EXCEEDS_NODES, Map.of("resource", resource, "needed", needed, "largest", largest)));
    }

    @Test
    void theMissingAmountIsSaid() {
        Reason reason = new Reason(
                ReasonCode.INSUFFICIENT_DEVICES,
                Map.of("class", "inhouse-a1", "needed", "8", "free", "5", "missing", "3"));
        assertThat(ReasonText.of(reason)).isEqualTo("needs 8 inhouse-a1, 5 are free: 3 short");
    }
}
