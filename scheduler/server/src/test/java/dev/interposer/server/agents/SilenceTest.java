package dev.interposer.server.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.NodePhase;
import org.junit.jupiter.api.Test;

class SilenceTest {
    private static final long NOW = 100_000;
    private static final long LOST_AFTER = 40_000;

    @Test
    void aNodeThatIsHeardIsSound() {
        assertThat(finding(NodePhase.READY, 60_000, true)).isEqualTo(Silence.Finding.SOUND);
    }

    @Test
    void aNodeThatWasNotHeardForTooLongIsSilentWithAStreamOrWithout() {
        assertThat(finding(NodePhase.READY, 59_999, true)).isEqualTo(Silence.Finding.SILENT);
        assertThat(finding(NodePhase.READY, 59_999, false)).isEqualTo(Silence.Finding.SILENT);
    }

    /** It was found silent while its hello was under way: nothing but another hello makes it ready again. */
    @Test
    void aLostNodeWithALivingStreamMustSayHelloAgain() {
        assertThat(finding(NodePhase.LOST, 99_000, true)).isEqualTo(Silence.Finding.UNHEEDED);
        assertThat(finding(NodePhase.FENCED, 99_000, true)).isEqualTo(Silence.Finding.UNHEEDED);
    }

    @Test
    void aLostNodeThatIsGoneIsLeftAlone() {
        assertThat(finding(NodePhase.LOST, 99_000, false)).isEqualTo(Silence.Finding.SOUND);
        assertThat(finding(NodePhase.LOST, 1_000, true)).isEqualTo(Silence.Finding.SOUND);
    }

    private static Silence.Finding finding(NodePhase phase, long heardMillis, boolean connected) {
        return new Silence(NOW, LOST_AFTER, node -> heardMillis).of("sim/n1", phase, connected);
    }
}
