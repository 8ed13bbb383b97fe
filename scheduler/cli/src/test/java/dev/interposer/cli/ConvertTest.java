package dev.interposer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code interposer convert}, as it is read. */
class ConvertTest {
    @TempDir
    private Path folder;

    private FakeServer server;

    private record Said(int code, List<String> lines, String err) {}

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
        assertThat(say("convert").lines())
                .containsExactly(
                        "FAMILY | CLASS | PER CHIP | MIDDLE HALF | ATTEMPTS | RATIO | INTERVAL | 1000 CHIPS ARE",
                        "sft | tpu | 12346 tokens/s | too few: 12000, 12691 | 2 | 29.94 | too few | 29940 h100",
                        "sft | h100 | 412.3 tokens/s | 398.1 - 420.9 | 12 | 1 | - | 1000 h100",
                        "sft | a1 | 301 tokens/s | 290 - 310 | 3 | 0.73 | 0.69 - 0.7812 (73.4%) | 730 h100",
                        "vision | h100 | 0.01234 samples/s | too few | 1 | - | - | -",
                        "vision | a1 | - | 2 left out: counters leapt | 0 | - | - | -",
                        "vision is not measured in samples on a1: run it there");
        assertThat(say("convert", "-o", "wide").lines().get(2)).endsWith("1000 h100 | 5 | 8-64 | 0 | 2.0 | -");
        assertThat(say("convert", "-o", "name").lines())
                .containsExactly(
                        "sft/tokens/tpu",
                        "sft/tokens/h100",
                        "sft/tokens/a1",
                        "vision/samples/h100",
                        "vision/samples/a1");
        assertThat(String.join("\n", say("convert", "-o", "json").lines())).contains("\"medianMicro\": \"412345678\"");
    }

    @Test
    void aFamilyOfWhichNothingIsMeasuredIsNotFound() throws IOException {
        Said said = say("convert", "unknown");
        assertThat(said.code()).isEqualTo(3);
        assertThat(said.err()).contains("nothing is measured of family unknown");
    }

    @Test
    void aRefusedProgressIsExplained() throws IOException {
        assertThat(say("explain", "job", "research/large").lines())
                .contains("its progress is refused: steps compare nothing");
    }

    /** Cells with a bar between them, since their widths are of no interest here. */
    private Said say(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(
                "--plaintext",
                "--server",
                server.address(),
                "--token-file",
                folder.resolve("token").toString()));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.line(all.toArray(String[]::new))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
        List<String> lines = out.toString()
                .lines()
                .map(line -> line.strip().replaceAll(" {2,}", " | "))
                .toList();
        return new Said(code, lines, err.toString());
    }
}
