package dev.interposer.agent.driver.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.driver.Signal.Kind;
import dev.interposer.agent.driver.sysfs.SysTree;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileDriverTest {
    @TempDir
    Path folder;

    private SysTree tree;
    private final List<Signal> signals = new ArrayList<>();

    @BeforeEach
    void aNodeWithTwoChipsAndACard() {
        tree = new SysTree(folder).file("sys/module/a1/version", "2.4.1");
        chip("0000:0a:00.0", "SN-01", "0x00a1");
        chip("0000:10:00.0", "SN-00", "0x00a2");
        tree.file("sys/bus/pci/devices/0000:02:00.0/vendor", "0x8086")
                .file("sys/bus/pci/devices/0000:02:00.0/device", "0x00a1")
                .file("dev/a1_0", "")
                .file("dev/a1_1", "")
                .file("dev/a1ctl", "");
    }

    @Test
    void theExampleFindsItsChipsByTheirIds() throws Exception {
        List<Device> devices = example().devices();
        assertThat(devices).extracting(Device::getName).containsExactly("SN-01", "SN-00");
        Device first = devices.getFirst();
        assertThat(first.getMemoryBytes()).isEqualTo(96L << 30);
        assertThat(first.getScaleUpDomain()).isEqualTo("pod-7");
        assertThat(first.getAttributesMap())
                .containsEntry("vendor", "inhouse")
                .containsEntry("model", "inhouse-a1")
                .containsEntry("driver", "inhouse-a1")
                .containsEntry("productName", "Inhouse A1")
                .containsEntry("driverVersion", "2.4.1")
                .containsEntry("firmwareVersion", "7.1")
                .containsEntry("numaNode", "1")
                .containsEntry("deviceNodes", "/dev/a1_0,/dev/a1ctl");
    }

    @Test
    void aChipKeepsItsIndexWhenOneBeforeItFallsOff() throws Exception {
        ProfileDriver driver = example();
        assertThat(deviceNodes(driver)).containsExactly("SN-01 /dev/a1_0,/dev/a1ctl", "SN-00 /dev/a1_1,/dev/a1ctl");
        tree.remove("sys/bus/pci/devices/0000:0a:00.0");
        assertThat(deviceNodes(driver)).containsExactly("SN-00 /dev/a1_1,/dev/a1ctl");
        chip("0000:05:00.0", "SN-05", "0x00a1");
        assertThat(deviceNodes(driver)).containsExactly("SN-05 /dev/a1_2,/dev/a1ctl", "SN-00 /dev/a1_1,/dev/a1ctl");
        chip("0000:0a:00.0", "SN-01", "0x00a1");
        assertThat(deviceNodes(driver)).contains("SN-01 /dev/a1_0,/dev/a1ctl", "SN-00 /dev/a1_1,/dev/a1ctl");
    }

    private static List<String> deviceNodes(ProfileDriver driver) throws Exception {
        return driver.devices().stream()
                .map(device -> device.getName() + " " + device.getAttributesOrThrow("deviceNodes"))
                .toList();
    }

    @Test
    void itReadsWhatTheFilesSayInTheirUnits() throws Exception {
        ProfileDriver driver = example();
        driver.devices();
        assertThat(driver.read("SN-01")).isEqualTo(new Reading(430, 1L << 30, 61, 350_500, List.of()));
    }

    @Test
    void whatIsNotThereIsUnknown() throws Exception {
        ProfileDriver driver = example();
        driver.devices();
        tree.file(pci("0000:0a:00.0", "busy_percent"), "n/a").remove(pci("0000:0a:00.0", "hwmon"));
        assertThat(driver.read("SN-01"))
                .isEqualTo(new Reading(Reading.UNKNOWN, 1L << 30, Reading.UNKNOWN, Reading.UNKNOWN, List.of()));
    }

    @Test
    void healthIsToldByItsWordsOnceEach() throws Exception {
        ProfileDriver driver = example();
        driver.listen(signals::add);
        driver.devices();
        assertThat(signals).isEmpty();
        for (String says : List.of("throttled by power", "throttled by power", "fault 17", "busy")) {
            tree.file(pci("0000:0a:00.0", "status"), says);
            driver.read("SN-01");
        }
        assertThat(signals)
                .extracting(signal -> (signal.cleared() ? "over " : "") + signal.code() + " " + signal.detail())
                .containsExactly(
                        "degraded status says 'throttled by power'",
                        "over degraded ",
                        "failed status says 'fault 17'",
                        "over failed ");
        assertThat(signals).extracting(Signal::kind).containsOnly(Kind.REPORTED);
    }

    @Test
    void aWordThatTheProfileDoesNotKnowIsNoGoodSign() throws Exception {
        ProfileDriver driver = example();
        driver.listen(signals::add);
        tree.file(pci("0000:0a:00.0", "status"), "sleepy");
        driver.devices();
        assertThat(signals).singleElement().satisfies(signal -> {
            assertThat(signal.code()).isEqualTo("degraded");
            assertThat(signal.detail()).contains("'sleepy'", "does not know");
        });
    }

    @Test
    void aHealthFileThatCantBeReadIsAFailure() throws Exception {
        ProfileDriver driver = example();
        driver.listen(signals::add);
        tree.remove(pci("0000:10:00.0", "status"));
        driver.devices();
        assertThat(signals).singleElement().satisfies(signal -> {
            assertThat(signal.device()).isEqualTo("SN-00");
            assertThat(signal.code()).isEqualTo("failed");
            assertThat(signal.detail()).contains("status can't be read");
        });
    }

    @Test
    void aChipThatLeftTheBusIsGone() throws Exception {
        ProfileDriver driver = example();
        driver.devices();
        tree.remove("sys/bus/pci/devices/0000:0a:00.0");
        assertThatThrownBy(() -> driver.read("SN-01"))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("device SN-01 is gone");
        assertThat(driver.devices()).extracting(Device::getName).containsExactly("SN-00");
    }

    @Test
    void aChipThatLeftIllAndComesBackWellIsWell() throws Exception {
        ProfileDriver driver = example();
        driver.listen(signals::add);
        tree.file(pci("0000:0a:00.0", "status"), "fault 17");
        driver.devices();
        tree.remove("sys/bus/pci/devices/0000:0a:00.0");
        driver.devices();
        chip("0000:0a:00.0", "SN-01", "0x00a1");
        driver.devices();
        assertThat(signals)
                .extracting(signal -> signal.device() + " " + signal.code() + " " + signal.cleared())
                .containsExactly("SN-01 failed false", "SN-01 failed true");
    }

    @Test
    void aWorkerIsToldItsChipsByIndex() throws Exception {
        ProfileDriver driver = example();
        driver.devices();
        assertThat(driver.prepare(worker("SN-00", "SN-01"))).containsExactly(entry("A1_VISIBLE_DEVICES", "1,0"));
    }

    @Test
    void aWorkerIsToldItsChipsByNameWhereTheSoftwareWantsNames() throws Exception {
        ProfileDriver driver = open(exampleText().replace("lists: indexes", "lists: names"));
        driver.devices();
        assertThat(driver.prepare(worker("SN-00"))).containsExactly(entry("A1_VISIBLE_DEVICES", "SN-00"));
    }

    @Test
    void noWorkerStartsWithoutItsDeviceNode() throws Exception {
        ProfileDriver driver = example();
        driver.devices();
        tree.remove("dev/a1_1");
        assertThat(driver.prepare(worker("SN-01"))).isNotEmpty();
        assertThatThrownBy(() -> driver.prepare(worker("SN-00")))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("/dev/a1_1 of device SN-00 is missing");
        assertThatThrownBy(() -> driver.prepare(worker("SN-99")))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("SN-99");
    }

    @Test
    void entriesOfAClassAreCountedAsNumbers() throws Exception {
        for (int number : new int[] {0, 2, 10}) {
            String address = "0000:%02x:00.0".formatted(0x20 + number);
            tree.file("sys/devices/" + address + "/vendor", "0x1da3")
                    .file("sys/devices/" + address + "/device", "0x1020")
                    .link("sys/class/accel/accel" + number + "/device", "sys/devices/" + address);
        }
        tree.file("sys/class/accel/accel_controlD0/dev", "1:2");
        ProfileDriver driver = open("""
                name: npu
                vendor: other
                model: other-npu
                find: {class: {name: accel, entries: 'accel\\d+', vendor: 0x1da3}}
                memory: {bytes: 32G}
                deviceNodes: ['/dev/accel/accel{number}']
                """);
        assertThat(driver.devices())
                .extracting(device -> device.getName() + " " + device.getAttributesOrThrow("deviceNodes") + " "
                        + device.getMemoryBytes())
                .containsExactly(
                        "0000:20:00.0 /dev/accel/accel0 32000000000",
                        "0000:22:00.0 /dev/accel/accel2 32000000000",
                        "0000:2a:00.0 /dev/accel/accel10 32000000000");
    }

    @Test
    void twoChipsOfOneNameAreRefused() throws Exception {
        tree.file(pci("0000:10:00.0", "serial_number"), "SN-01");
        assertThatThrownBy(() -> example().devices())
                .isInstanceOf(DriverException.class)
                .hasMessageContainingAll("names two devices SN-01", "0000:0a:00.0", "0000:10:00.0");
    }

    @Test
    void aChipThatCantBeNamedIsLeftOutAndTheOthersKeepTheirPlaces() throws Exception {
        tree.remove(pci("0000:0a:00.0", "serial_number"));
        ProfileDriver driver = example();
        assertThat(driver.devices()).extracting(Device::getName).containsExactly("SN-00");
        assertThat(driver.prepare(worker("SN-00"))).containsExactly(entry("A1_VISIBLE_DEVICES", "1"));
    }

    private void chip(String address, String serial, String id) {
        tree.file(pci(address, "vendor"), "0x1e52")
                .file(pci(address, "device"), id)
                .file(pci(address, "serial_number"), serial)
                .file(pci(address, "memory/total_kib"), Long.toString(96L << 20))
                .file(pci(address, "memory/used_kib"), "1048576")
                .file(pci(address, "fw_info"), "build=9 version=7.1 signed")
                .file(pci(address, "status"), "ready")
                .file(pci(address, "busy_percent"), "43")
                .file(pci(address, "hwmon/hwmon3/temp1_input"), "61000")
                .file(pci(address, "hwmon/hwmon3/power1_average"), "350500000")
                .file(pci(address, "numa_node"), "1")
                .file(pci(address, "fabric/domain"), "pod-7");
    }

    private static String pci(String address, String file) {
        return "sys/bus/pci/devices/" + address + "/" + file;
    }

    private static java.util.Map.Entry<String, String> entry(String key, String value) {
        return java.util.Map.entry(key, value);
    }

    private static WorkerAssignment worker(String... devices) {
        return WorkerAssignment.newBuilder().addAllDeviceNames(List.of(devices)).build();
    }

    private ProfileDriver example() throws IOException, ConfigException {
        return open(exampleText());
    }

    /** The one that operators are shown. */
    static String exampleText() throws IOException {
        return Files.readString(Path.of("../examples/profiles/inhouse-a1.yaml"));
    }

    private ProfileDriver open(String profile) throws IOException, ConfigException {
        Path file = Files.writeString(folder.resolve("profile.yaml"), profile);
        return ProfileDriver.open(file, tree.sys(), tree.dev());
    }
}
