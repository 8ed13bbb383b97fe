package dev.interposer.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** With which settings a server starts, and what it says of the others. */
class SettingsCheckTest {
    @Test
    void whatIsNotSetIsAsTheManualsSay() throws SettingsException {
        ServerConfig standard = Settings.of();
        SettingsCheck.check(standard);
        assertThat(standard.slices().failedNodes()).isEqualTo(3);
        assertThat(standard.slices().window()).isEqualTo(Duration.ofHours(1));
        assertThat(standard.slices().mostPercent()).isEqualTo(50);
        assertThat(standard.slices().attributes()).containsExactly("driverVersion", "firmwareVersion");
        assertThat(standard.tls().mode()).isEqualTo(TlsMode.AUTO);
        assertThat(standard.tls().agentCertificateLife()).isEqualTo(Duration.ofHours(24));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "slices.failed-nodes=0",
                "slices.most-percent=0",
                "slices.most-percent=100",
                "slices.window=1s",
                "slices.attributes=firmwareVersion",
                "tls.agent-certificate-life=1s"
            })
    void aValueAtTheEdgeIsTaken(String setting) {
        assertThatCode(() -> SettingsCheck.check(Settings.of(setting))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "slices.failed-nodes=-1, -1, 0",
        "slices.window=0s, PT0S, 1h",
        "slices.window=-5m, PT-5M, 1h",
        "slices.window=367d, PT8808H, 1h",
        "slices.most-percent=101, 101, 50",
        "slices.most-percent=-1, -1, 50",
        "'slices.attributes=driverVersion, ,model', 'driverVersion, ,model', firmwareVersion",
        "tls.agent-certificate-life=0s, PT0S, 24h"
    })
    void aValueThatIsOfNoUseIsNamedWithWhatToWriteInItsPlace(String setting, String shown, String maybe) {
        String name = "interposer." + setting.substring(0, setting.indexOf('='));
        assertThatThrownBy(() -> SettingsCheck.check(Settings.of(setting)))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith(name + " (" + shown + ") must ")
                .hasMessageContaining(maybe);
    }

    @ParameterizedTest
    @ValueSource(strings = {"slices.failed-nodes=three", "slices.window=often", "slices.most-percent=half"})
    void aValueOfAnotherTypeIsNamed(String setting) {
        String[] parts = setting.split("=", 2);
        assertThatThrownBy(() -> Settings.of(setting))
                .hasMessageContaining("interposer." + parts[0])
                .hasMessageContaining(parts[1]);
    }
}
