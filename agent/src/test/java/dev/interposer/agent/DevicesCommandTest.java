package dev.interposer.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevicesCommandTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    @Test
    void aMachineWithoutTheLibraryIsTold() {
        assertThat(run("devices", "--nvml-library", "/no/such/libnvidia-ml.so.1"))
                .isZero();
        assertThat(text(out)).isEqualTo("nvml finds no devices\n");
    }

    @Test
    void aDriverThatDoesNotWorkIsAnError() throws Exception {
        Path file = Files.writeString(folder.resolve("libnvidia-ml.so.1"), "nonsense");
        assertThat(run("devices", "--nvml-library", file.toString())).isEqualTo(4);
        assertThat(text(errors)).contains("can't be loaded");
    }

    @Test
    void anythingElseIsRefused() {
        assertThat(run("devices", "--verbose")).isEqualTo(2);
        assertThat(text(errors)).contains("option --verbose needs a value", "usage: interposer-agent");
    }

    private int run(String... arguments) {
        return DevicesCommand.run(
                arguments,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(errors, true, StandardCharsets.UTF_8));
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
