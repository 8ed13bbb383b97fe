package dev.interposer.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.health.Fading;
import dev.interposer.agent.health.Falls;
import dev.interposer.agent.health.Verdict;
import dev.interposer.agent.watch.DeviceMemory.Remembered;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.Health;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the next agent finds of what this one knew. */
class DeviceMemoryTest {
    private static final Remembered KNOWN = new Remembered(
            Map.of(
                    "nvml",
                    List.of(
                            Device.newBuilder()
                                    .setName("GPU 1")
                                    .setMemoryBytes(80)
                                    .build(),
                            Device.newBuilder().setName("GPU 2").build()),
                    "plugin /run/a b.sock",
                    List.of(Device.newBuilder().setName("x").build())),
            List.of(Signal.raised("GPU 1", Signal.Kind.XID, "79", "fell off the bus: 100 %\nand more")),
            List.of(Signal.raised("GPU 2", Signal.Kind.GONE, "", "not found")),
            List.of(new Fading(Signal.raised("GPU 1", Signal.Kind.XID, "92", "many errors"), 3_600_000)),
            Map.of("GPU 1", new Falls(List.of(1_000L, 2_000L), new Verdict(Health.HEALTH_FAILED, "fell off: 100 %"))));

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void leave() {
        file = folder.resolve("devices");
        new DeviceMemory(file, "boot-1").save(KNOWN);
    }

    @Test
    void theNextAgentOfTheSameBootKnowsAllOfIt() {
        assertThat(new DeviceMemory(file, "boot-1").load()).isEqualTo(KNOWN);
    }

    @Test
    void afterARestartOfTheMachineNothingOfItHolds() {
        assertThat(new DeviceMemory(file, "boot-2").load()).isEqualTo(Remembered.NOTHING);
        assertThat(new DeviceMemory(file, "boot").load()).isEqualTo(Remembered.NOTHING);
    }

    @Test
    void whatCannotBeReadIsNothingAndNoHalf() throws Exception {
        assertThat(new DeviceMemory(folder.resolve("absent"), "boot-1").load()).isEqualTo(Remembered.NOTHING);
        List<String> lines = Files.readAllLines(file);
        for (String broken : List.of(
                "device nvml ###",
                "device nvml",
                "fact GPU XID",
                "other",
                "fact a NONE b c",
                "fading a XID 1 b soon",
                "falls a HEALTH_FAILED b")) {
            Files.write(file, List.of(lines.get(0), lines.get(1), broken));
            assertThat(new DeviceMemory(file, "boot-1").load()).as(broken).isEqualTo(Remembered.NOTHING);
        }
        Files.writeString(file, "");
        assertThat(new DeviceMemory(file, "boot-1").load()).isEqualTo(Remembered.NOTHING);
    }
}
