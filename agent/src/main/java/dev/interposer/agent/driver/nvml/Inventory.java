package dev.interposer.agent.driver.nvml;

import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.sysfs.SysFiles;
import dev.interposer.proto.agent.v1.Device;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** What chips and partitions there are, in the library's order, which is that of the PCI bus. */
final class Inventory {
    private static final Logger LOG = System.getLogger(Inventory.class.getName());
    private static final int SHUTDOWN = 0;
    private static final int SLOWDOWN = 1;

    private final Queries queries;
    private final Links links;
    private final Partitions partitions;
    private final Path sysfsRoot;

    /** What was last left out, so that it is logged once and not at every look. */
    private Set<String> leftOut = Set.of();

    Inventory(Queries queries, Path sysfsRoot) {
        this.queries = queries;
        this.links = new Links(queries);
        this.partitions = new Partitions(queries);
        this.sysfsRoot = sysfsRoot;
    }

    private record Chip(MemorySegment handle, Device.Builder facts, Links.Joined joined) {}

    /** By name. A chip that does not say its own name is left out, and the log says why. */
    Map<String, Unit> look() throws DriverException {
        Map<String, String> common = common();
        List<Chip> chips = new ArrayList<>();
        Set<String> problems = new HashSet<>();
        int count = count();
        for (int index = 0; index < count; index++) {
            try {
                chips.add(chip(queries.handle(Call.HANDLE, index), common));
            } catch (DeviceLostException | DriverException e) {
                problems.add("device " + index + " is left out: " + e.getMessage());
            }
        }
        Map<String, String> domains =
                Links.domains(chips.stream().map(Chip::joined).toList());
        Map<String, Unit> units = new LinkedHashMap<>();
        for (Chip chip : chips) {
            Device facts = chip.facts()
                    .setScaleUpDomain(domains.getOrDefault(chip.facts().getName(), ""))
                    .build();
            Unit whole = new Unit(facts, chip.handle(), chip.handle(), Unit.WHOLE, Unit.WHOLE);
            units.put(whole.name(), whole);
            if (whole.split()) {
                try {
                    partitions.of(facts, chip.handle(), problems).forEach(part -> units.put(part.name(), part));
                } catch (DeviceLostException e) {
                    units.remove(facts.getName());
                    problems.add("device " + facts.getName() + " is left out: " + e.getMessage());
                }
            }
        }
        problems.stream()
                .filter(problem -> !leftOut.contains(problem))
                .forEach(problem -> LOG.log(Level.WARNING, "nvml: {0}", problem));
        leftOut = problems;
        return units;
    }

    private int count() throws DriverException {
        try {
            OptionalInt count = queries.number(Call.COUNT);
            if (count.isPresent()) {
                return count.getAsInt();
            }
        } catch (DeviceLostException e) {
            throw new DriverException("nvml can't count its devices: " + e.getMessage(), e);
        }
        throw new DriverException("nvml can't count its devices");
    }

    private Map<String, String> common() {
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("vendor", "NVIDIA");
        attributes.put("driver", "nvml");
        queries.text(Call.DRIVER_VERSION).ifPresent(version -> attributes.put("driverVersion", version));
        queries.text(Call.NVML_VERSION).ifPresent(version -> attributes.put("nvmlVersion", version));
        try {
            // A thousand for each major, ten for each minor number.
            queries.number(Call.CUDA_VERSION)
                    .ifPresent(number -> attributes.put("cudaDriverVersion", number / 1000 + "." + number % 1000 / 10));
        } catch (DeviceLostException e) {
            LOG.log(Level.DEBUG, "nvml: no CUDA version: {0}", e.getMessage());
        }
        return attributes;
    }

    private Chip chip(MemorySegment handle, Map<String, String> common) throws DeviceLostException, DriverException {
        String uuid = queries.text(Call.UUID, handle)
                .orElseThrow(() -> new DriverException(Call.UUID.function() + " gave no name"));
        Device.Builder device = Device.newBuilder().setName(uuid).putAllAttributes(common);
        queries.memory(handle).ifPresent(memory -> device.setMemoryBytes(memory.totalBytes()));
        queries.text(Call.NAME, handle)
                .ifPresent(
                        product -> device.putAttributes("productName", product).putAttributes("model", product));
        queries.text(Call.SERIAL, handle).ifPresent(serial -> device.putAttributes("serial", serial));
        queries.text(Call.VBIOS, handle).ifPresent(version -> device.putAttributes("firmwareVersion", version));
        queries.numbers(Call.COMPUTE_CAPABILITY, 2, handle)
                .ifPresent(version -> device.putAttributes("computeCapability", version[0] + "." + version[1]));
        mode(device, "migMode", Call.MIG_MODE, handle);
        mode(device, "eccMode", Call.ECC_MODE, handle);
        whole(device, "powerLimitMilliwatts", queries.number(Call.POWER_LIMIT, handle));
        whole(device, "shutdownTemperatureCelsius", threshold(handle, SHUTDOWN));
        whole(device, "slowdownTemperatureCelsius", threshold(handle, SLOWDOWN));
        whole(device, "retiredPages", queries.retiredPages(handle));
        queries.numbers(Call.REMAPPED_ROWS, 4, handle)
                .ifPresent(rows -> device.putAttributes("remappedRowsCorrected", Integer.toString(rows[0]))
                        .putAttributes("remappedRowsUncorrected", Integer.toString(rows[1])));
        String pci = pci(handle);
        if (!pci.isEmpty()) {
            device.putAttributes("pciBusId", pci);
            numaNode(pci).ifPresent(node -> device.putAttributes("numaNode", Long.toString(node)));
        }
        Links.State state = links.state(handle);
        if (state.count() > 0) {
            device.putAttributes("nvlinkCount", Integer.toString(state.count()));
        }
        return new Chip(handle, device, links.joined(uuid, pci, handle, state.up()));
    }

    /** As it is now, not as it will be after the next reset. */
    private void mode(Device.Builder device, String attribute, Call call, MemorySegment handle)
            throws DeviceLostException {
        queries.numbers(call, 2, handle)
                .ifPresent(modes -> device.putAttributes(attribute, modes[0] == 1 ? "enabled" : "disabled"));
    }

    private static void whole(Device.Builder device, String attribute, OptionalInt number) {
        number.ifPresent(known -> device.putAttributes(attribute, Integer.toUnsignedString(known)));
    }

    private OptionalInt threshold(MemorySegment handle, int which) throws DeviceLostException {
        return queries.number(Call.TEMPERATURE_THRESHOLD, handle, which);
    }

    private String pci(MemorySegment handle) throws DeviceLostException {
        try (Arena arena = Arena.ofConfined()) {
            return queries.structure(arena, Call.PCI, Structures.PCI, 0, handle)
                    .map(Links::address)
                    .orElse("");
        }
    }

    /** Empty on a machine with one node of memory, where the kernel says -1. */
    private OptionalLong numaNode(String pci) {
        Path device = sysfsRoot.resolve("bus/pci/devices").resolve(pci);
        long node = SysFiles.number(device.resolve("numa_node"), -1);
        return node < 0 ? OptionalLong.empty() : OptionalLong.of(node);
    }
}
