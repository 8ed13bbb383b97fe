package dev.interposer.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ReasonTest {
    @Test
    void aShortageOfNothingExplainsNothing() {
        assertThat(new Reason(ReasonCode.TOPOLOGY, Map.of("missing", "0")).catchAll())
                .isTrue();
        assertThat(new Reason(ReasonCode.TOPOLOGY, Map.of("missing", "2")).catchAll())
                .isFalse();
        assertThat(Reason.of(ReasonCode.BEHIND_OTHERS).catchAll()).isTrue();
        assertThat(Reason.of(ReasonCode.QUEUE_HELD).catchAll()).isFalse();
    }
}
