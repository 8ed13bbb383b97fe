package dev.interposer.agent.driver.amd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Reading.DeviceProcess;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.driver.Signal.Kind;
import dev.interposer.agent.driver.sysfs.SysTree;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AmdDriverTest {
    private static final String FIRST = "GPU-bc15a0e2d3f40001";

    @TempDir
    Path folder;

    private final List<Signal> signals = new ArrayList<>();
    private long nanos;

    @Test
    void aNodeOfEightMi300x() throws Exception {
        AmdDriver driver = driver(AmdTrees.mi300x(folder, 8));
        List<Device> devices = driver.devices();
        assertThat(devices)
                .extracting(Device::getName)
                .hasSize(8)
                .startsWith(FIRST, "GPU-bc15a0e2d3f40002")
                .endsWith("GPU-bc15a0e2d3f40008");
        Device first = devices.getFirst();
        assertThat(first.getMemoryBytes()).isEqualTo(206_141_652_992L);
        assertThat(first.getParentName()).isEmpty();
        assertThat(first.getAttributesMap())
                .containsEntry("vendor", "amd")
                .containsEntry("model", "amd-mi300x")
                .containsEntry("architecture", "gfx942")
                .containsEntry("computeUnits", "304")
                .containsEntry("productName", "AMD Instinct MI300X OAM")
                .containsEntry("pciAddress", "0000:05:00.0")
                .containsEntry("driverVersion", "6.10.5")
                .containsEntry("numaNode", "0")
                .containsEntry("deviceNodes", "/dev/kfd,/dev/dri/renderD128");
        assertThat(devices).extracting(Device::getScaleUpDomain).containsOnly("xgmi-5a17f00dbeef0001");
        assertThat(devices.get(7).getAttributesOrThrow("numaNode")).isEqualTo("1");
    }

    @Test
    void aNodeOfTwoMi250HasFourDies() throws Exception {
        List<Device> devices = driver(AmdTrees.mi250(folder, 2)).devices();
        assertThat(devices)
                .extracting(Device::getMemoryBytes)
                .containsExactly(68_702_699_520L, 68_702_699_520L, 68_702_699_520L, 68_702_699_520L);
        assertThat(devices.getFirst().getAttributesMap())
                .containsEntry("model", "amd-mi250")
                .containsEntry("architecture", "gfx90a")
                .containsEntry("computeUnits", "104");
    }

    @Test
    void aBoardThatDoesNotSayItsNameIsKnownByItsId() throws Exception {
        SysTree tree = AmdTrees.mi300x(folder, 1).remove(AmdTrees.pci(0) + "product_name");
        assertThat(driver(tree).devices().getFirst().getAttributesOrThrow("model"))
                .isEqualTo("amd-mi300x");
    }

    @Test
    void aChipWithoutIdIsNamedByItsPlaceOnTheBus() throws Exception {
        SysTree tree = AmdTrees.mi300x(folder, 1);
        AmdTrees.property(tree, 2, "unique_id", "0");
        assertThat(driver(tree).devices()).extracting(Device::getName).containsExactly("pci-0000:05:00.0");
    }

    @Test
    void partitionsOfAChipAreItsParts() throws Exception {
        SysTree tree = AmdTrees.mi300x(folder, 1).file(AmdTrees.pci(0) + "current_compute_partition", "DPX");
        AmdTrees.node(tree, 3, AmdTrees.mi300xNode(0).replace("location_id 1280", "location_id 1281"));
        tree.file(AmdTrees.kfd(2) + "mem_banks/0/properties", "heap_type 1\nsize_in_bytes 103070826496")
                .file(AmdTrees.kfd(3) + "mem_banks/0/properties", "heap_type 1\nsize_in_bytes 103070826496");
        assertThat(driver(tree).devices())
                .extracting(device -> device.getName() + " " + device.getParentName() + " " + device.getPartition()
                        + " " + device.getMemoryBytes())
                .containsExactly(
                        FIRST + "-0 " + FIRST + " dpx 103070826496", FIRST + "-1 " + FIRST + " dpx 103070826496");
    }

    @Test
    void aDriverThatCameWithTheKernelHasTheKernelsVersion() throws Exception {
        SysTree tree = AmdTrees.mi300x(folder, 1)
                .remove("sys/module/amdgpu/version")
                .file(AmdTrees.pci(0) + "vbios_version", "113-M3000100-102");
        assertThat(driver(tree).devices().getFirst().getAttributesMap())
                .containsEntry("driverVersion", System.getProperty("os.version"))
                .containsEntry("firmwareVersion", "113-M3000100-102");
    }

    /** As after a reset that failed: the files are there, and each read is refused. */
    @Test
    void aChipOfWhichNothingCanBeReadIsNotWell() throws Exception {
        SysTree tree = AmdTrees.mi300x(folder, 2);
        AmdDriver driver = driver(tree);
        driver.devices();
        for (String file : List.of("gpu_busy_percent", "mem_info_vram_used")) {
            tree.remove(AmdTrees.pci(0) + file).file(AmdTrees.pci(0) + file + "/in_its_place", "");
        }
        assertThatThrownBy(() -> driver.read(FIRST))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("answers nothing that it is asked");
        assertThat(driver.devices()).hasSize(2);
        tree.remove(AmdTrees.pci(0) + "mem_info_vram_used/in_its_place");
    }

    @Test
    void itReadsWhatTheChipMeasuresAndWhoUsesIt() throws Exception {
        SysTree tree = AmdTrees.mi300x(folder, 2)
                .file("sys/class/kfd/kfd/proc/4711/vram_1001", "1073741824")
                .file("sys/class/kfd/kfd/proc/4711/vram_1002", "0")
                .file("sys/class/kfd/kfd/proc/4712/vram_1002", "4096");
        AmdDriver driver = driver(tree);
        driver.devices();
        assertThat(driver.read(FIRST))
                .isEqualTo(new Reading(870, 4_294_967_296L, 52, 712_000, List.of(new DeviceProcess(4711, 1 << 30))));
    }

    @Test
    void theDiesOfAnMi250MeasureByTheirOwnFiles() throws Exception {
        AmdDriver driver = driver(AmdTrees.mi250(folder, 1));
        List<Device> dies = driver.devices();
        assertThat(driver.read(dies.getFirst().getName()).powerMilliwatts()).isEqualTo(320_000);
        assertThat(driver.read(dies.getFirst().getName()).temperatureCelsius()).isEqualTo(41);
        assertThat(driver.read(dies.getLast().getName()).powerMilliwatts()).isEqualTo(Reading.UNKNOWN);
    }

    @Test
    void aWorkerSeesItsChipsAndCountsThemFromNothing() throws Exception {
        AmdDriver driver = driver(AmdTrees.mi300x(folder, 8));
        driver.devices();
        assertThat(driver.prepare(worker("GPU-bc15a0e2d3f40006", "GPU-bc15a0e2d3f40005")))
                .isEqualTo(Map.of("ROCR_VISIBLE_DEVICES", "5,4", "HIP_VISIBLE_DEVICES", "0,1"));
    }

    @Test
    void noWorkerStartsWithoutItsDeviceNode() throws Exception {
        SysTree tree = AmdTrees.mi300x(folder, 2);
        AmdDriver driver = driver(tree);
        driver.devices();
        tree.remove("dev/dri/renderD129");
        assertThatThrownBy(() -> driver.prepare(worker("GPU-bc15a0e2d3f40002")))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("/dev/dri/renderD129 of device GPU-bc15a0e2d3f40002 is missing");
        assertThatThrownBy(() -> driver.prepare(worker("GPU-0")))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("device GPU-0 is none");
    }

    @Test
    void anErrorThatCouldNotBeCorrectedIsToldOnceAndHistoryIsNot() throws Exception {
        SysTree tree = AmdTrees.mi300x(folder, 2).file(AmdTrees.pci(0) + "ras/umc_err_count", "ue: 3\nce: 40");
        AmdDriver driver = driver(tree);
        driver.listen(signals::add);
        driver.devices();
        driver.read(FIRST);
        assertThat(signals).isEmpty();
        tree.file(AmdTrees.pci(0) + "ras/umc_err_count", "ue: 5\nce: 40");
        driver.read(FIRST);
        driver.read(FIRST);
        assertThat(signals).singleElement().satisfies(signal -> {
            assertThat(signal.device()).isEqualTo(FIRST);
            assertThat(signal.kind()).isEqualTo(Kind.ECC_UNCORRECTED);
            assertThat(signal.detail()).contains("2 more", "5 in all");
        });
    }

    @Test
    void manyCorrectedErrorsAreToldIfTheyComeWithinAShortWhile() throws Exception {
        SysTree tree = AmdTrees.mi300x(folder, 1);
        AmdDriver driver = driver(tree);
        driver.listen(signals::add);
        driver.devices();
        corrected(tree, driver, 90);
        nanos += Duration.ofMinutes(10).toNanos();
        corrected(tree, driver, 150);
        corrected(tree, driver, 185);
        assertThat(signals).isEmpty();
        corrected(tree, driver, 195);
        assertThat(signals).extracting(Signal::kind).containsExactly(Kind.ECC_CORRECTED);
    }

    @Test
    void aDriverThatWasLoadedAgainCountsFromNothing() throws Exception {
        SysTree tree = AmdTrees.mi300x(folder, 1).file(AmdTrees.pci(0) + "ras/umc_err_count", "ue: 9\nce: 0");
        AmdDriver driver = driver(tree);
        driver.listen(signals::add);
        driver.devices();
        tree.file(AmdTrees.pci(0) + "ras/umc_err_count", "ue: 0\nce: 0");
        driver.read(FIRST);
        assertThat(signals).isEmpty();
        tree.file(AmdTrees.pci(0) + "ras/umc_err_count", "ue: 1\nce: 0");
        driver.read(FIRST);
        assertThat(signals).extracting(Signal::kind).containsExactly(Kind.ECC_UNCORRECTED);
    }

    @Test
    void badPagesAndHeatAreStates() throws Exception {
        SysTree tree = AmdTrees.mi300x(folder, 1);
        AmdDriver driver = driver(tree);
        driver.listen(signals::add);
        driver.devices();
        tree.file(
                        AmdTrees.pci(0) + "ras/gpu_vram_bad_pages",
                        "0x00000001 : 0x00001000 : R\n0x00000002 : 0x00001000 : P\n0x00000003 : 0x00001000 : F")
                .file(AmdTrees.pci(0) + "hwmon/hwmon4/temp2_input", "101000");
        driver.read(FIRST);
        assertThat(signals)
                .extracting(Signal::kind)
                .containsExactly(Kind.MEMORY_REMAP_PENDING, Kind.MEMORY_REMAP_FAILED, Kind.OVER_TEMPERATURE);
        assertThat(signals.getLast().detail()).isEqualTo("junction is at 101 of at most 100 degrees");
        tree.file(AmdTrees.pci(0) + "ras/gpu_vram_bad_pages", "0x00000001 : 0x00001000 : R")
                .file(AmdTrees.pci(0) + "hwmon/hwmon4/temp2_input", "52000");
        driver.read(FIRST);
        assertThat(signals).filteredOn(Signal::cleared).hasSize(3);
    }

    @Test
    void aChipThatLeftTheBusIsGone() throws Exception {
        SysTree tree = AmdTrees.mi300x(folder, 2);
        AmdDriver driver = driver(tree);
        driver.devices();
        tree.remove("sys/class/kfd/kfd/topology/nodes/2").remove("sys/bus/pci/devices/0000:05:00.0");
        assertThatThrownBy(() -> driver.read(FIRST))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("device " + FIRST + " is gone");
        assertThat(driver.devices()).extracting(Device::getName).containsExactly("GPU-bc15a0e2d3f40002");
    }

    @Test
    void aNodeWithoutTheKernelModuleSaysSo() {
        SysTree tree = new SysTree(folder).file("sys/class/net/lo/mtu", "65536");
        assertThat(AmdDriver.isThere(tree.sys())).isFalse();
        assertThatThrownBy(() -> driver(tree).devices())
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("Maybe the kernel module amdgpu is not loaded?");
    }

    private void corrected(SysTree tree, AmdDriver driver, int count) throws DriverException {
        tree.file(AmdTrees.pci(0) + "ras/umc_err_count", "ue: 0\nce: " + count);
        driver.read(FIRST);
    }

    private AmdDriver driver(SysTree tree) {
        return new AmdDriver(tree.sys(), tree.dev(), () -> nanos);
    }

    private static WorkerAssignment worker(String... devices) {
        return WorkerAssignment.newBuilder().addAllDeviceNames(List.of(devices)).build();
    }
}
