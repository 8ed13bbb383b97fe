package dev.interposer.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.agent.v1.Device;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForgetCommandTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    @BeforeEach
    void twoNodes() throws Exception {
        node("lab_n1", "GPU-1");
        node("lab_n2", "GPU-2");
    }

    @Test
    void theNodeThatHasTheDeviceIsTold() throws Exception {
        assertThat(run("forget", "GPU-2", "--state-dir", folder.toString())).isZero();
        assertThat(text(out)).startsWith("lab_n2 forgets what lasted on GPU-2 within seconds");
        assertThat(folder.resolve("lab_n2").resolve("forget")).content().isEqualTo("GPU-2\n");
        assertThat(folder.resolve("lab_n1").resolve("forget")).doesNotExist();
    }

    @Test
    void aDeviceThatNobodyHasIsRefused() {
        assertThat(run("forget", "GPU-9", "--state-dir", folder.toString())).isEqualTo(2);
        assertThat(text(errors)).contains("has device (GPU-9)");
    }

    @Test
    void whatIsMissingIsSaid() {
        assertThat(run("forget", "GPU-2")).isEqualTo(2);
        assertThat(text(errors)).contains("forget needs a device and --state-dir", "usage: interposer-agent");
        assertThat(run("forget", "GPU-2", "--state-dir", folder.resolve("none").toString()))
                .isEqualTo(2);
        assertThat(text(errors)).contains("can't be read or written");
    }

    private void node(String name, String device) throws Exception {
        byte[] described = Device.newBuilder().setName(device).build().toByteArray();
        Files.writeString(
                Files.createDirectories(folder.resolve(name)).resolve("devices"),
                "boot b\ndevice nvml " + Base64.getEncoder().encodeToString(described) + "\n");
    }

    private int run(String... arguments) {
        return ForgetCommand.run(
                arguments,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(errors, true, StandardCharsets.UTF_8));
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
