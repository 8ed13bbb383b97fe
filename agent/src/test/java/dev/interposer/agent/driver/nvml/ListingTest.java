package dev.interposer.agent.driver.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.driver.Listing;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListingTest {
    @TempDir
    private Path folder;

    @Test
    void aMachineIsListedDeviceByDevice() throws Exception {
        FakeNvml fake = FakeNvml.a100(folder).set("count", "2").set("1.processes", "77:4096");
        String listed = listed(fake);
        assertThat(listed)
                .startsWith(FakeNvml.uuid(0) + "\n  driver: nvml\n  memoryBytes: 42949672960\n  attribute ")
                .contains("  attribute productName: NVIDIA A100-SXM4-40GB\n")
                .contains(FakeNvml.partUuid(0, 3) + "\n  driver: nvml\n  parent: " + FakeNvml.uuid(0)
                        + "\n  partition: 1g.5gb\n")
                .contains("  utilizationMilli: unknown\n")
                .endsWith("""
                          utilizationMilli: 0
                          memoryUsedBytes: 1073741824
                          temperatureCelsius: 34
                          powerMilliwatts: 71500
                          process 77 memoryBytes: 4096
                        """);
    }

    @Test
    void aDeviceThatCantBeReadSaysSoAndHidesNoOther() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder).set("0.fail.nvmlDeviceGetUtilizationRates", "15");
        assertThat(listed(fake))
                .contains("  unread: device (" + FakeNvml.uuid(0) + ") can't be read")
                .contains(FakeNvml.uuid(7) + "\n");
    }

    private static String listed(FakeNvml fake) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (NvmlDriver driver = fake.open();
                PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            Listing.print(driver, out);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
