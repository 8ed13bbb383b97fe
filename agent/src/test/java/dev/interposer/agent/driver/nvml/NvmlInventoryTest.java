package dev.interposer.agent.driver.nvml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Reading.DeviceProcess;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NvmlInventoryTest {
    private static final long MIB = 1L << 20;

    @TempDir
    private Path folder;

    @Test
    void aChipSaysAllThatItKnows() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        fake.kernel("0000:1b:00.0", "numa_node", "1");
        fake.kernel("0000:1c:00.0", "numa_node", "-1");
        fake.put("0.remapped", "3 1 0 0").put("0.retiredSingle", "2").put("0.retiredDouble", "1");
        fake.put("1.ecc", "0").write();
        try (NvmlDriver driver = fake.open()) {
            List<Device> devices = driver.devices();
            assertThat(devices).extracting(Device::getName).containsExactly(uuids(8));
            Device first = devices.getFirst();
            assertThat(first.getMemoryBytes()).isEqualTo(81559 * MIB);
            assertThat(first.getParentName()).isEmpty();
            assertThat(first.getPartition()).isEmpty();
            assertThat(first.getScaleUpDomain()).isEmpty();
            assertThat(first.getAttributesMap())
                    .isEqualTo(Map.ofEntries(
                            Map.entry("vendor", "NVIDIA"),
                            Map.entry("driver", "nvml"),
                            Map.entry("productName", "NVIDIA H100 80GB HBM3"),
                            Map.entry("model", "NVIDIA H100 80GB HBM3"),
                            Map.entry("driverVersion", "550.90.07"),
                            Map.entry("nvmlVersion", "12.550.90.07"),
                            Map.entry("cudaDriverVersion", "12.4"),
                            Map.entry("serial", "165282300000"),
                            Map.entry("firmwareVersion", "96.00.74.00.00"),
                            Map.entry("computeCapability", "9.0"),
                            Map.entry("migMode", "disabled"),
                            Map.entry("eccMode", "enabled"),
                            Map.entry("powerLimitMilliwatts", "700000"),
                            Map.entry("slowdownTemperatureCelsius", "89"),
                            Map.entry("shutdownTemperatureCelsius", "92"),
                            Map.entry("remappedRowsCorrected", "3"),
                            Map.entry("remappedRowsUncorrected", "1"),
                            Map.entry("retiredPages", "3"),
                            Map.entry("pciBusId", "0000:1b:00.0"),
                            Map.entry("nvlinkCount", "18"),
                            Map.entry("numaNode", "1")));
            assertThat(devices.get(1).getAttributesMap())
                    .containsEntry("eccMode", "disabled")
                    .doesNotContainKey("numaNode");
        }
    }

    @Test
    void aChipMeasures() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        fake.put("1.utilization", "97").put("1.temperature", "61").put("1.power", "654321");
        fake.put("1.processes", "4711:2147483648,4712:-1").put("1.used", "9000").write();
        try (NvmlDriver driver = fake.open()) {
            driver.devices();
            assertThat(driver.read(FakeNvml.uuid(1)))
                    .isEqualTo(new Reading(
                            970,
                            9000,
                            61,
                            654_321,
                            List.of(new DeviceProcess(4711, 2L << 30), new DeviceProcess(4712, Reading.UNKNOWN))));
        }
    }

    @Test
    void moreProcessesThanRoomAreListedAll() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        fake.set(
                "0.processes",
                String.join(
                        ",",
                        IntStream.range(0, 100).mapToObj(at -> 100 + at + ":1").toList()));
        try (NvmlDriver driver = fake.open()) {
            driver.devices();
            assertThat(driver.read(FakeNvml.uuid(0)).processes()).hasSize(100).endsWith(new DeviceProcess(199, 1));
        }
    }

    /** They write more for each process than the drivers before and after them. */
    @ParameterizedTest
    @CsvSource({"535.43.02, false", "535.98, false", "535.104.05, false", "550.90.07, false", "535.54.03, true"})
    void theProcessesOfTheFirstDriversOf535AreRead(String driverVersion, boolean withoutTheThird) throws Exception {
        String[] without = withoutTheThird ? new String[] {"nvmlDeviceGetComputeRunningProcesses_v3"} : new String[0];
        FakeNvml fake = FakeNvml.h100(folder, without).set("driver", driverVersion);
        fake.set(
                "0.processes",
                String.join(
                        ",",
                        IntStream.range(0, 64)
                                .mapToObj(at -> 100 + at + ":4096")
                                .toList()));
        try (NvmlDriver driver = fake.open()) {
            driver.devices();
            assertThat(driver.read(FakeNvml.uuid(0)).processes())
                    .hasSize(64)
                    .contains(new DeviceProcess(101, 4096), new DeviceProcess(163, 4096))
                    .allMatch(process -> process.memoryBytes() == 4096);
        }
    }

    @Test
    void anInstanceThatDoesNotSayWhatItIsPassesForNoChip() throws Exception {
        FakeNvml fake = FakeNvml.a100(folder).remove("0.mig.3.slices");
        try (NvmlDriver driver = fake.open()) {
            assertThat(driver.devices()).extracting(Device::getName).hasSize(9).doesNotContain(FakeNvml.partUuid(0, 3));
        }
    }

    @Test
    void theInstancesOfASplitChipAreDevices() throws Exception {
        try (NvmlDriver driver = FakeNvml.a100(folder).open()) {
            List<Device> devices = driver.devices();
            assertThat(devices)
                    .extracting(Device::getName)
                    .hasSize(10)
                    .startsWith(FakeNvml.uuid(0), FakeNvml.partUuid(0, 0), FakeNvml.partUuid(0, 3), FakeNvml.uuid(1));
            Device large = devices.get(1);
            assertThat(large.getParentName()).isEqualTo(FakeNvml.uuid(0));
            assertThat(large.getPartition()).isEqualTo("3g.20gb");
            assertThat(large.getMemoryBytes()).isEqualTo(20096 * MIB);
            assertThat(large.getAttributesMap())
                    .containsEntry("productName", "NVIDIA A100-SXM4-40GB")
                    .containsEntry("multiprocessorCount", "42")
                    .containsEntry("startSlice", "0");
            assertThat(devices.get(2).getPartition()).isEqualTo("1g.5gb");
            assertThat(devices.get(2).getAttributesMap()).containsEntry("startSlice", "4");
            assertThat(driver.read(FakeNvml.partUuid(0, 3)))
                    .isEqualTo(new Reading(
                            Reading.UNKNOWN,
                            12 * MIB,
                            34,
                            Reading.UNKNOWN,
                            List.of(new DeviceProcess(4242, 100 * MIB))));
        }
    }

    @Test
    void anInstanceHasTheNameOfItsProfileOnEachChip() throws Exception {
        try (NvmlDriver driver = FakeNvml.h200(folder).open()) {
            assertThat(driver.devices())
                    .filteredOn(device -> !device.getParentName().isEmpty())
                    .extracting(Device::getPartition)
                    .containsExactly("1g.18gb", "4g.71gb");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 4864, 40960, 1g.5gb",
        "1, 1, 9856, 40960, 1g.10gb",
        "7, 7, 40192, 40960, 7g.40gb",
        "1, 1, 9728, 81920, 1g.10gb",
        "2, 2, 19968, 81920, 2g.20gb",
        "3, 1, 40192, 81559, 1c.3g.40gb",
        "2, 2, 33280, 143771, 2g.35gb",
        "7, 7, 143360, 143771, 7g.141gb",
        "1, 1, 21504, 183359, 1g.23gb",
        "1, 1, 44032, 183359, 1g.45gb",
        "3, 3, 90112, 183359, 3g.90gb",
        "7, 7, 182272, 183359, 7g.180gb",
    })
    void aProfileIsNamedByEighthsOfTheChip(int slices, int compute, long mib, long chipMib, String name) {
        assertThat(Partitions.profile(slices, compute, mib * MIB, chipMib * MIB))
                .isEqualTo(name);
    }

    @Test
    void aFabricOfMachinesIsTheDomain() throws Exception {
        FakeNvml fake = FakeNvml.nvl72(folder);
        String domain = "nvlink-00010203-0405-0607-0809-0a0b0c0d0e0f.32766";
        try (NvmlDriver driver = fake.open()) {
            assertThat(driver.devices())
                    .hasSize(4)
                    .allMatch(device -> device.getScaleUpDomain().equals(domain));
            fake.set("*.fabric.state", "2");
            assertThat(driver.devices())
                    .allMatch(device -> device.getScaleUpDomain().isEmpty());
        }
    }

    @Test
    void theOlderFunctionTellsOfTheFabricToo() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder, "nvmlDeviceGetGpuFabricInfoV");
        fake.set("*.fabric.uuid", "f".repeat(32)).set("*.fabric.clique", "7");
        try (NvmlDriver driver = fake.open()) {
            assertThat(driver.devices())
                    .allMatch(device ->
                            device.getScaleUpDomain().equals("nvlink-ffffffff-ffff-ffff-ffff-ffffffffffff.7"));
        }
    }

    @Test
    void bridgedPairsAreIslandsOfTheirOwn() throws Exception {
        FakeNvml fake = FakeNvml.h100(folder);
        fake.put("count", "4").put("*.links", "2").put("*.fabric.state", "0");
        fake.put("0.far", "0000:1c:00 0000:1c:00").put("1.far", "0000:1b:00 0000:1b:00");
        fake.put("2.far", "0000:1e:00 0000:1e:00")
                .put("3.far", "0000:1d:00 0000:1d:00")
                .write();
        try (NvmlDriver driver = fake.open()) {
            assertThat(driver.devices())
                    .extracting(Device::getScaleUpDomain)
                    .containsExactly(
                            "nvlink-" + FakeNvml.uuid(0),
                            "nvlink-" + FakeNvml.uuid(0),
                            "nvlink-" + FakeNvml.uuid(2),
                            "nvlink-" + FakeNvml.uuid(2));
        }
    }

    @Test
    void eightChipsBehindSwitchesAreTheMachine() throws Exception {
        try (NvmlDriver driver = FakeNvml.b200(folder).open()) {
            assertThat(driver.devices())
                    .hasSize(8)
                    .allMatch(device -> device.getScaleUpDomain().isEmpty())
                    .allMatch(
                            device -> device.getAttributesOrThrow("productName").equals("NVIDIA B200"));
        }
    }

    @Test
    void aWorkerSeesItsDevicesByUuid() throws Exception {
        try (Driver driver = FakeNvml.a100(folder).open()) {
            driver.devices();
            String visible = FakeNvml.uuid(2) + "," + FakeNvml.uuid(1);
            assertThat(driver.prepare(WorkerAssignment.newBuilder()
                            .addDeviceNames(FakeNvml.uuid(2))
                            .addDeviceNames(FakeNvml.uuid(1))
                            .build()))
                    .isEqualTo(Map.of(
                            "CUDA_VISIBLE_DEVICES", visible,
                            "CUDA_DEVICE_ORDER", "PCI_BUS_ID",
                            "NVIDIA_VISIBLE_DEVICES", visible));
            assertThat(driver.prepare(WorkerAssignment.getDefaultInstance())).isEmpty();
        }
    }

    @Test
    void aWorkerOfAPartitionSeesTheInstanceThere() throws Exception {
        try (Driver driver = FakeNvml.a100(folder).open()) {
            driver.devices();
            String part = FakeNvml.partUuid(0, 3);
            WorkerAssignment byName = WorkerAssignment.newBuilder()
                    .addDeviceNames(part)
                    .setPartition("1g.5gb")
                    .build();
            assertThat(driver.prepare(byName)).containsEntry("CUDA_VISIBLE_DEVICES", part);
            WorkerAssignment.Builder byPlace = WorkerAssignment.newBuilder()
                    .addDeviceNames(FakeNvml.uuid(0))
                    .setPartition("1g.5gb")
                    .setPartitionStart(4);
            assertThat(driver.prepare(byPlace.build())).containsEntry("CUDA_VISIBLE_DEVICES", part);
            assertThatThrownBy(() -> driver.prepare(byPlace.setPartitionStart(5).build()))
                    .isInstanceOf(DriverException.class)
                    .hasMessageContaining("has no instance 1g.5gb at slice 5")
                    .hasMessageContaining("nvidia-smi mig -cgi 1g.5gb:5 -C");
        }
    }

    private static String[] uuids(int count) {
        return IntStream.range(0, count).mapToObj(FakeNvml::uuid).toArray(String[]::new);
    }
}
