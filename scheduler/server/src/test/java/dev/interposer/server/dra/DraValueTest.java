package dev.interposer.server.dra;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of attributes as they stand in reports. */
class DraValueTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"", "NVIDIA H200", "int:3", "bool:true", "version:1.2.3", "string:x", "string:int:3", "3", "a:b"
            })
    void textStaysWhatItIs(String text) {
        DraValue read = DraValue.of(new DraValue.Text(text).encoded());
        assertThat(read).isEqualTo(new DraValue.Text(text));
    }

    @Test
    void valuesKeepTheirTypes() {
        assertThat(DraValue.of(new DraValue.Whole(-7L).encoded()).value()).isEqualTo(-7L);
        assertThat(DraValue.of(new DraValue.Flag(false).encoded()).value()).isEqualTo(false);
        assertThat(DraValue.of(new DraValue.Version("570.124.6").encoded()).value())
                .isEqualTo(Semver.parse("570.124.6"));
        assertThat(new DraValue.Text("NVIDIA H200").encoded())
                .as("rules that compare text need not know of types")
                .isEqualTo("NVIDIA H200");
        assertThat(new DraValue.Version("570.124.6").plain()).isEqualTo("570.124.6");
    }

    @Test
    void aVersionThatIsNoneIsText() {
        assertThat(DraValue.of(new DraValue.Version("r570").encoded())).isEqualTo(new DraValue.Text("r570"));
        assertThat(new DraValue.Version("r570").value()).isEqualTo("r570");
    }

    @ParameterizedTest
    @CsvSource({
        "1.2.3, 1.2.4",
        "1.9.0, 1.10.0",
        "9.0.0, 10.0.0",
        "1.0.0-rc.1, 1.0.0",
        "1.0.0-alpha, 1.0.0-alpha.1",
        "1.0.0-9, 1.0.0-10",
        "1.0.0-9, 1.0.0-a",
        "1.0.0-a.b, 1.0.0-b"
    })
    void versionsAreOrdered(String lower, String higher) {
        assertThat(Semver.parse(lower)).isLessThan(Semver.parse(higher));
        assertThat(Semver.parse(higher)).isGreaterThan(Semver.parse(lower));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1.2", "v1.2.3", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "", "1.2.3.4"})
    void whatIsNoVersionIsNone(String text) {
        assertThat(Semver.isOne(text, false)).isFalse();
    }
}
