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

    @Test
    void theMissingAmountIsSaid() {
        Reason reason = new Reason(
                ReasonCode.INSUFFICIENT_DEVICES,
                Map.of("class", "inhouse-a1", "needed", "8", "free", "5", "missing", "3"));
        assertThat(ReasonText.of(reason)).isEqualTo("needs 8 inhouse-a1, 5 are free: 3 short");
    }
}
