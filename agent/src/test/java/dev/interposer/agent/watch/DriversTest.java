package dev.interposer.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.config.DriverChoice;
import dev.interposer.agent.config.NodeConfig;
import dev.interposer.agent.driver.Driver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriversTest {
    private static final NodeConfig.SimulatedDevices NONE = NodeConfig.SimulatedDevices.NONE;

    @TempDir
    Path folder;

    @Test
    void eachDriverOfANodeHasANameOfItsOwn() throws Exception {
        List<Driver> drivers = Drivers.of(node(
                NONE,
                new DriverChoice.Nvml(""),
                profile("a1"),
                profile("a2"),
                new DriverChoice.Plugin(Path.of("/run/x.sock")),
                new DriverChoice.Plugin(Path.of("/run/y.sock"))));
        assertThat(drivers)
                .extracting(Driver::name)
                .containsExactly("nvml", "a1", "a2", "plugin /run/x.sock", "plugin /run/y.sock");
    }

    @Test
    void twoDriversOfOneNameAreRefusedAndBothAreNamed() throws Exception {
        DriverChoice first = profile("a1");
        DriverChoice copy =
                new DriverChoice.Profile(Files.copy(folder.resolve("a1.yaml"), folder.resolve("copy.yaml")));
        assertThatThrownBy(() -> Drivers.of(node(NONE, first, copy)))
                .isInstanceOf(ConfigException.class)
                .hasMessage("drivers of node lab/n1 (profile " + folder.resolve("a1.yaml") + ", profile "
                        + folder.resolve("copy.yaml")
                        + ") are both named a1. Leave one out, or give one another name");
        assertThatThrownBy(() ->
                        Drivers.of(node(NONE, new DriverChoice.Nvml(""), new DriverChoice.Nvml("/opt/libnvml.so"))))
                .hasMessageContaining("(nvml, nvml /opt/libnvml.so) are both named nvml");
        DriverChoice simulated = profile("simulated");
        NodeConfig.SimulatedDevices one = new NodeConfig.SimulatedDevices(1, "a1", "inhouse", 0, "", "");
        assertThatThrownBy(() -> Drivers.of(node(one, simulated)))
                .hasMessageContaining("(its simulated devices, profile ");
    }

    private DriverChoice profile(String name) throws IOException {
        return new DriverChoice.Profile(Files.writeString(folder.resolve(name + ".yaml"), """
                name: %s
                vendor: inhouse
                model: a1
                find: {pci: {vendor: 0x1e52}}
                memory: {bytes: 1Gi}
                """.formatted(name)));
    }

    private static NodeConfig node(NodeConfig.SimulatedDevices simulated, DriverChoice... drivers) {
        return new NodeConfig("lab/n1", Map.of(), Map.of(), simulated, List.of(drivers), 0);
    }
}
