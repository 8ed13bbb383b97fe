package dev.interposer.agent.driver.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interposer.agent.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfileFileTest {
    @TempDir
    Path folder;

    /** Each puts one mistake into the example. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            name: inhouse-a1 | name: Inhouse A1 | name (Inhouse A1) must be a name in DNS letters
            name: inhouse-a1 | nmae: inhouse-a1 | nmae is unknown. Maybe one of
            vendor: inhouse | vendor: | vendor () must be a name in DNS letters
            model: inhouse-a1 | model: [a1] | model ([a1]) must be the value
            pci: {vendor: 0x1e52, devices | pci: {vendor: 1e52, devices | find.pci.vendor (1e52) must be a PCI id
            devices: [0x00a1, 0x00a2] | devices: [0x00a1, 0x100a2] | find.pci.devices[1] (0x100a2) must be a PCI id
            devices: [0x00a1, 0x00a2] | devices: 0x00a1 | find.pci.devices (0x00a1) must be a list
            pci: {vendor | bus: {vendor | find.bus is unknown. Maybe one of [pci, class]?
            {file: serial_number} | {fiel: serial_number} | identity.fiel is unknown
            {file: serial_number} | {file: ../serial} | identity.file (../serial) must be a file below
            {file: memory/total_kib, scale: 1024} | {bytes: 96Qi} | memory.bytes (96Qi) must be a quantity
            {file: memory/total_kib, scale: 1024} | {bytes: 9G, file: a} | memory.bytes (9G) must be the only key
            {file: memory/total_kib, scale: 1024} | {bytes: 9000P} | memory.bytes (9000P) must be at most 1P
            'version=(\\S+)' | 'version=(' | attributes.firmwareVersion.match (version=() must be a regular expression
            productName: | driver: | attributes.driver must be letters and digits, and none of
            '/dev/a1_{index}' | '/dev/a1_{indx}' | deviceNodes (/dev/a1_{indx}) must hold none but
            '/dev/a1_{index}' | '/dev/a1_{number}' | deviceNodes (/dev/a1_{number}) must hold none but
            '/dev/a1_{index}' | '/tmp/a1' | deviceNodes[0] (/tmp/a1) must be a path such as
            '/dev/a1_{index}' | '/dev/../etc/a1' | deviceNodes (/dev/../etc/a1) must stay below /dev
            `healthy: ready|busy, ` | `` | health.healthy (absent) must be the word
            scale: 0.01} | scale: -1} | metrics.utilization.scale (-1) must be a number above 0
            scale: 0.01} | scale: 0} | metrics.utilization.scale (0) must be above 0
            lists: indexes | lists: serials | visible.lists (serials) must be indexes or names
            variable: A1_VISIBLE_DEVICES | variable: a1-devices | visible.variable (a1-devices) must be a variable
            visible: {variable | visible: {variable: A, variable | is no YAML
            """)
    void whatIsWrongIsNamedByFieldAndValue(String right, String wrong, String message) throws IOException {
        String example = ProfileDriverTest.exampleText();
        assertThat(example).contains(right);
        ConfigException refused = refused(example.replace(right, wrong));
        assertThat(refused.getMessage()).contains("profile.yaml", message);
    }

    @Test
    void theExampleIsRight() throws Exception {
        Path file = Files.writeString(folder.resolve("profile.yaml"), ProfileDriverTest.exampleText());
        assertThat(ProfileFile.read(file).name()).isEqualTo("inhouse-a1");
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        ConfigException refused =
                catchThrowableOfType(ConfigException.class, () -> ProfileFile.read(folder.resolve("absent")));
        assertThat(refused.getMessage()).contains("absent", "can't be read");
    }

    private ConfigException refused(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("profile.yaml"), text);
        ConfigException refused = catchThrowableOfType(ConfigException.class, () -> ProfileFile.read(file));
        assertThat(refused).isNotNull();
        return refused;
    }
}
