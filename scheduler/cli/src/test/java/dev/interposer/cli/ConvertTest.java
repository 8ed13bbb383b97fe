package dev.interposer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code interposer convert}, as it is read. */
class ConvertTest {
    @TempDir
    private Path folder;

    private FakeServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
        Files.writeString(folder.resolve("token"), "secret");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void eachClassHasItsRateItsSpreadItsCountAndWhatAThousandOfItAreWorth() throws IOException {
        assertThat(say("convert").rows())
                .containsExactly(
                        "FAMILY | CLASS | PER CHIP | MIDDLE HALF | ATTEMPTS | RATIO | INTERVAL | 1000 CHIPS ARE",
                        "sft | tpu | 12346 tokens/s | too few: 12000, 12691 | 2 | 29.94 | too few | 29940 h100",
                        "sft | h100 | 412.3 tokens/s | 398.1 - 420.9 | 12 | 1 | - | 1000 h100",
                        "sft | a1 | 301 tokens/s | 290 - 310 | 3 | 0.73 | 0.69 - 0.7812 (73.4%) | 730 h100",
                        "vision | h100 | 0.01234 samples/s | too few | 1 | - | - | -",
                        "vision | a1 | - | 2 left out: counters leapt | 0 | - | - | -",
                        "vision is not measured in samples on a1: run it there");
        assertThat(say("convert", "-o", "wide").rows().get(2)).endsWith("1000 h100 | 5 | 8-64 | 0 | 2.0 | -");
        assertThat(say("convert", "-o", "name").rows())
                .containsExactly(
                        "sft/tokens/tpu",
                        "sft/tokens/h100",
                        "sft/tokens/a1",
                        "vision/samples/h100",
                        "vision/samples/a1");
        assertThat(String.join("\n", say("convert", "-o", "json").rows())).contains("\"medianMicro\": \"412345678\"");
    }

    @Test
    void aFamilyOfWhichNothingIsMeasuredIsNotFound() throws IOException {
        Said said = say("convert", "unknown");
        assertThat(said.code()).isEqualTo(3);
        assertThat(said.err()).contains("nothing is measured of family unknown");
    }

    @Test
    void aRefusedProgressIsExplained() throws IOException {
        assertThat(say("explain", "job", "research/large").rows())
                .contains("its progress is refused: steps compare nothing");
    }

    /** Cells with a bar between them, since their widths are of no interest here. */
    private Said say(String... arguments) {
        return Said.of(server, folder.resolve("token"), arguments);
    }
}
