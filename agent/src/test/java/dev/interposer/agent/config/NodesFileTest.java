package dev.interposer.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodesFileTest {
    @TempDir
    private Path folder;

    @Test
    void aRangeMakesANodeOfEachNumber() throws Exception {
        List<NodeConfig> nodes = read("""
                nodes:
                - name: sim/h100-{3..5}
                  labels: {rack: "r{i}"}
                  capacity: {cpu: 96, memory: 1Ti, example.com/slots: 7}
                  devices: {count: 8, model: h100, vendor: nvidia, memory: 80G}
                """);
        assertThat(nodes).extracting(NodeConfig::name).containsExactly("sim/h100-3", "sim/h100-4", "sim/h100-5");
        assertThat(nodes.get(1).labels()).isEqualTo(Map.of("rack", "r4"));
        assertThat(nodes.get(1).capacity())
                .isEqualTo(Map.of("cpu", 96_000L, "memory", 1L << 40, "example.com/slots", 7L));
        assertThat(nodes.get(1).devices().memoryBytes()).isEqualTo(80_000_000_000L);
    }

    @Test
    void thisMachineIsMeasured() throws Exception {
        NodeConfig local = read("nodes: [{local: true}]").getFirst();
        assertThat(local.name()).startsWith("local/");
        assertThat(local.capacity().get("cpu")).isEqualTo(Runtime.getRuntime().availableProcessors() * 1000L);
        assertThat(local.capacity().get("memory")).isGreaterThan(100_000_000);
    }

    @Test
    void thisMachinesDevicesAreFoundByTheStandardDrivers() throws Exception {
        assertThat(read("nodes: [{local: true}]").getFirst().drivers()).isEqualTo(DriverChoice.STANDARD);
        assertThat(read("nodes: [{name: a/b}]").getFirst().drivers()).isEmpty();
    }

    @Test
    void aNodeNamesItsDrivers() throws Exception {
        assertThat(read("""
                nodes:
                - local: true
                  drivers:
                  - nvml: {library: /opt/libnvml.so}
                  - amd:
                  - profile: {file: /etc/chip.yaml}
                  - plugin: {socket: /run/chip.sock}
                """).getFirst().drivers())
                .containsExactly(
                        new DriverChoice.Nvml("/opt/libnvml.so"),
                        new DriverChoice.Amd(),
                        new DriverChoice.Profile(Path.of("/etc/chip.yaml")),
                        new DriverChoice.Plugin(Path.of("/run/chip.sock")));
    }

    /** The one that operators are shown. */
    @Test
    void theExampleNamesADriverOfEachKind() throws Exception {
        NodeConfig node =
                NodesFile.read(Path.of("../examples/nodes/drivers.yaml")).getFirst();
        assertThat(node.drivers())
                .containsExactly(
                        new DriverChoice.Nvml(""),
                        new DriverChoice.Amd(),
                        new DriverChoice.Profile(Path.of("/etc/interposer/inhouse-a1.yaml")),
                        new DriverChoice.Plugin(Path.of("/run/example-npu/npu.sock")));
    }

    @Test
    void anAddressIsSaidForEachNodeOrFoundOut() throws Exception {
        List<NodeConfig> nodes =
                read("nodes: [{name: 'a/n{1..2}', address: '10.0.0.{i}'}, {name: a/b}, {local: true}]");
        assertThat(nodes)
                .extracting(node -> node.foundAt("fd00::7").address())
                .containsExactly("10.0.0.1", "10.0.0.2", "fd00::7", "fd00::7");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nodes: [] | must be a list with at least one node
            nodes: [{name: NOPE}] | nodes[0].name (NOPE) must be cluster/node
            nodes: [{name: a/b, sise: 3}] | nodes[0].sise is unknown. Maybe one of
            nodes: [{name: a/b, devices: {count: -1}}] | nodes[0].devices.count (-1) must be a whole number from 0 to
            nodes: [{name: a/b, capacity: {memory: 3Qi}}] | nodes[0].capacity.memory (3Qi) must be a quantity
            nodes: [{name: a/b, capacity: {memory: 9999999999999P}}] | (9999999999999P) is too large
            nodes: [{name: 'a/b-{0..999999999}'}] | nodes[0].name (a/b-{0..999999999}) must be such that it ranges over
            nodes: [{name: 'a/b-{5..3}'}] | nodes[0].name (a/b-{5..3}) must be such that it ranges over
            nodes: [{local: true, drivers: [{cuda: {}}]}] | nodes[0].drivers[0].cuda is unknown. Maybe one of
            nodes: [{local: true, drivers: [{nvml: {}, amd: {}}]}] | must be a list of which each entry names one driver
            nodes: [{local: true, drivers: [{profile: {}}]}] | nodes[0].drivers[0].profile.file (absent) must be a path
            nodes: [{local: true, drivers: [{plugin: {path: x}}]}] | nodes[0].drivers[0].plugin.path is unknown
            nodes: [{name: a/b, address: 'host:7'}] | nodes[0].address (host:7) must be a host name
            nodes: [ | is no YAML
            """)
    void whatIsWrongIsNamedByFieldAndValue(String text, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("nodes.yaml"), text);
        ConfigException refused = catchThrowableOfType(ConfigException.class, () -> NodesFile.read(file));
        assertThat(refused).isNotNull();
        assertThat(refused.getMessage()).contains(message);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        ConfigException refused =
                catchThrowableOfType(ConfigException.class, () -> NodesFile.read(folder.resolve("absent")));
        assertThat(refused.getMessage()).contains("absent", "can't be read");
    }

    private List<NodeConfig> read(String text) throws IOException, ConfigException {
        return NodesFile.read(Files.writeString(folder.resolve("nodes.yaml"), text));
    }
}
