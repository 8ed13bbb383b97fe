package dev.interposer.agent.driver.amd;

import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Reading.DeviceProcess;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.driver.Standing;
import dev.interposer.agent.driver.sysfs.SysFiles;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * AMD's accelerators, by the compute driver's topology and the folders of the PCI bus. Needs none of the vendor's
 * libraries. Health is looked at with each inventory and each reading.
 */
public final class AmdDriver implements Driver {
    /** The runtime takes an empty list for none; what stands on it takes that for all, and no such chip for none. */
    public static final Map<String, String> HIDDEN = Map.of("ROCR_VISIBLE_DEVICES", "", "HIP_VISIBLE_DEVICES", "-1");

    private static final String TOPOLOGY = "class/kfd/kfd/topology/nodes";

    /** One of them a chip of any kind can tell. */
    private static final List<String> MEASURES = List.of("gpu_busy_percent", "mem_info_vram_used");

    private final Path sysRoot;
    private final Path devRoot;
    private final Standing standing = new Standing();
    private final AmdHealth health;
    /** Replaced as a whole: workers are made ready on another thread than the one that looks. */
    private volatile Map<String, AmdChip> chips = Map.of();

    /**
     * @param sysRoot where sysfs is, {@code /sys} on a real node
     * @param devRoot where the device nodes are, {@code /dev} on a real node
     * @param nanos a clock that only goes forward
     */
    public AmdDriver(Path sysRoot, Path devRoot, LongSupplier nanos) {
        this.sysRoot = sysRoot;
        this.devRoot = devRoot;
        this.health = new AmdHealth(standing, nanos);
    }

    /** Whether this node has the compute driver of AMD at all. */
    public static boolean isThere(Path sysRoot) {
        return Files.isDirectory(sysRoot.resolve(TOPOLOGY));
    }

    @Override
    public String name() {
        return "amd";
    }

    @Override
    public List<Device> devices() throws DriverException {
        if (!isThere(sysRoot)) {
            throw new DriverException(
                    sysRoot.resolve(TOPOLOGY) + " is not there. Maybe the kernel module amdgpu is not loaded?");
        }
        chips = find();
        health.forget(chips.keySet());
        List<Device> devices = new ArrayList<>();
        for (AmdChip chip : chips.values()) {
            devices.add(chip.described(sysRoot));
            health.look(chip);
        }
        return devices;
    }

    @Override
    public Reading read(String device) throws DriverException {
        AmdChip chip = present(device);
        requireAnswer(chip);
        health.look(chip);
        long busyPercent = SysFiles.number(chip.folder().resolve("gpu_busy_percent"), Reading.UNKNOWN);
        return new Reading(
                busyPercent < 0 ? Reading.UNKNOWN : (int) Math.min(1000, busyPercent * 10),
                SysFiles.number(chip.folder().resolve("mem_info_vram_used"), Reading.UNKNOWN),
                celsius(chip),
                milliwatts(chip),
                processes(chip));
    }

    /** After a reset that failed the files are there, and none can be read: that is no health. */
    private static void requireAnswer(AmdChip chip) throws DriverException {
        @Nullable IOException refused = null;
        for (String file : MEASURES) {
            Path measure = chip.folder().resolve(file);
            if (Files.exists(measure)) {
                try {
                    SysFiles.text(measure);
                    return;
                } catch (IOException e) {
                    refused = e;
                }
            }
        }
        if (refused != null) {
            throw new DriverException(
                    "device " + chip.name() + " answers nothing that it is asked: " + refused, refused);
        }
    }

    @Override
    public void listen(Consumer<Signal> signals) {
        standing.listen(signals);
    }

    @Override
    public Map<String, String> hidden() {
        return HIDDEN;
    }

    /** Two variables: the runtime hides all but the chosen chips, and what stands on it counts the rest anew. */
    @Override
    public Map<String, String> prepare(WorkerAssignment assignment) throws DriverException {
        List<String> indexes = new ArrayList<>();
        for (String name : assignment.getDeviceNamesList()) {
            AmdChip chip = present(name);
            for (String node :
                    chip.described(sysRoot).getAttributesOrThrow("deviceNodes").split(",", -1)) {
                if (!Files.exists(devRoot.resolve(node.substring("/dev/".length())))) {
                    throw new DriverException(node + " of device " + name
                            + " is missing. Maybe the kernel module amdgpu" + " is not loaded whole?");
                }
            }
            indexes.add(Integer.toString(chip.index()));
        }
        String counted =
                IntStream.range(0, indexes.size()).mapToObj(Integer::toString).collect(Collectors.joining(","));
        return Map.of("ROCR_VISIBLE_DEVICES", String.join(",", indexes), "HIP_VISIBLE_DEVICES", counted);
    }

    private AmdChip present(String name) throws DriverException {
        AmdChip chip = chips.get(name);
        if (chip == null) {
            throw new DriverException("device " + name + " is none of AMD's on this node: "
                    + (chips.isEmpty() ? "there is none" : String.join(", ", chips.keySet())));
        }
        if (!chip.present()) {
            throw new DriverException("device " + name + " is gone: " + chip.folder() + " is not there any more");
        }
        return chip;
    }

    /** In the topology's order, which is the one in which the runtime counts. */
    private Map<String, AmdChip> find() throws DriverException {
        List<KfdNode> nodes = new ArrayList<>();
        for (Path folder : SysFiles.entries(sysRoot.resolve(TOPOLOGY))) {
            KfdNode.read(folder).ifPresent(nodes::add);
        }
        Map<String, Integer> sameId = new HashMap<>();
        nodes.forEach(node -> sameId.merge(identity(node), 1, Integer::sum));
        Map<String, AmdChip> found = new LinkedHashMap<>();
        for (int index = 0; index < nodes.size(); index++) {
            KfdNode node = nodes.get(index);
            String id = identity(node);
            boolean partition = sameId.getOrDefault(id, 0) > 1;
            String name = partition ? id + "-" + (node.number("location_id") & 0x7) : id;
            AmdChip chip = new AmdChip(name, index, partition ? id : "", node, folder(node));
            AmdChip twin = found.put(name, chip);
            if (twin != null) {
                throw new DriverException("the topology lists two devices " + name + ": "
                        + twin.node().folder() + " and " + node.folder());
            }
        }
        return found;
    }

    private static String identity(KfdNode node) {
        return node.uuid().isEmpty() ? "pci-" + node.address() : node.uuid();
    }

    /** Partitions of a chip have one folder on the bus, that of function 0. */
    private Path folder(KfdNode node) {
        Path devices = sysRoot.resolve("bus/pci/devices");
        Path own = devices.resolve(node.address());
        return Files.isDirectory(own) ? own : devices.resolve(node.address().replaceFirst("\\.[0-7]$", ".0"));
    }

    /** The edge or, on chips that have none, the hottest of what is measured. */
    private static int celsius(AmdChip chip) {
        long hottest = Long.MIN_VALUE;
        for (Path input : SysFiles.glob(chip.folder(), "hwmon/hwmon*/temp*_input")) {
            long milli = SysFiles.number(input, Long.MIN_VALUE);
            if (input.endsWith("temp1_input") && milli > Long.MIN_VALUE) {
                return (int) (milli / 1000);
            }
            hottest = Math.max(hottest, milli);
        }
        return hottest == Long.MIN_VALUE ? Reading.UNKNOWN : (int) (hottest / 1000);
    }

    /** The kernel counts millionths. Of two dies of one package only the first measures the power of both. */
    private static long milliwatts(AmdChip chip) {
        for (String file : List.of("power1_average", "power1_input")) {
            for (Path power : SysFiles.glob(chip.folder(), "hwmon/hwmon*/" + file)) {
                long micro = SysFiles.number(power, Reading.UNKNOWN);
                if (micro >= 0) {
                    return micro / 1000;
                }
            }
        }
        return Reading.UNKNOWN;
    }

    /** A process that opened the driver has a file for each chip; it uses those where it holds memory. */
    private List<DeviceProcess> processes(AmdChip chip) {
        List<DeviceProcess> processes = new ArrayList<>();
        for (Path process : SysFiles.entries(sysRoot.resolve("class/kfd/kfd/proc"))) {
            long pid = SysFiles.number(process.getFileName().toString(), 0);
            long bytes = SysFiles.number(process.resolve("vram_" + chip.node().gpuId()), 0);
            if (pid > 0 && bytes > 0) {
                processes.add(new DeviceProcess(pid, bytes));
            }
        }
        return processes;
    }
}
