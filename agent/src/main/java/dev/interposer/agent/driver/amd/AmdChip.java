package dev.interposer.agent.driver.amd;

import dev.interposer.agent.driver.sysfs.SysFiles;
import dev.interposer.proto.agent.v1.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An accelerator of AMD: how the compute driver lists it, and its folder on the PCI bus.
 *
 * @param name in the inventory
 * @param index in the order in which the runtime counts
 * @param parent name of the chip that it is a partition of; empty for a whole one
 */
record AmdChip(String name, int index, String parent, KfdNode node, Path folder) {
    /** By PCI device id, for chips whose board does not say its name. */
    private static final Map<Long, String> MODELS = Map.ofEntries(
            Map.entry(0x738cL, "mi100"),
            Map.entry(0x7408L, "mi250x"),
            Map.entry(0x740cL, "mi250x"),
            Map.entry(0x740fL, "mi210"),
            Map.entry(0x74a0L, "mi300a"),
            Map.entry(0x74a1L, "mi300x"),
            Map.entry(0x74a5L, "mi325x"),
            Map.entry(0x75a0L, "mi350x"),
            Map.entry(0x75a3L, "mi355x"));

    private static final Pattern INSTINCT = Pattern.compile("\\bMI\\d{2,3}[A-Z]{0,2}\\b");

    /** What the inventory says of it. */
    Device described(Path sysRoot) {
        Device.Builder device = Device.newBuilder()
                .setName(name)
                .setParentName(parent)
                .setPartition(parent.isEmpty() ? "" : partition())
                .setMemoryBytes(memoryBytes())
                .setScaleUpDomain(scaleUpDomain())
                .putAttributes("vendor", "amd")
                .putAttributes("model", model())
                .putAttributes("driver", "amd")
                .putAttributes("architecture", node.target())
                .putAttributes("computeUnits", Long.toString(computeUnits()))
                .putAttributes("pciAddress", folder.getFileName().toString());
        put(device, "productName", folder.resolve("product_name"));
        put(device, "serialNumber", folder.resolve("serial_number"));
        put(device, "driverVersion", sysRoot.resolve("module/amdgpu/version"));
        if (!device.containsAttributes("driverVersion")) {
            // A driver that came with the kernel has no version of its own.
            device.putAttributes("driverVersion", System.getProperty("os.version"));
        }
        put(device, "firmwareVersion", folder.resolve("vbios_version"));
        put(device, "memoryPartition", folder.resolve("current_memory_partition"));
        long numaNode = SysFiles.number(folder.resolve("numa_node"), -1);
        if (numaNode >= 0) {
            device.putAttributes("numaNode", Long.toString(numaNode));
        }
        long minor = node.number("drm_render_minor");
        device.putAttributes("deviceNodes", minor > 0 ? "/dev/kfd,/dev/dri/renderD" + minor : "/dev/kfd");
        return device.build();
    }

    /** Bytes; of a partition its own part alone. */
    long memoryBytes() {
        long listed = node.memoryBytes();
        return parent.isEmpty() ? SysFiles.number(folder.resolve("mem_info_vram_total"), listed) : listed;
    }

    /** Whether the bus and the compute driver still know it. */
    boolean present() {
        return Files.isDirectory(folder) && Files.exists(node.folder().resolve("properties"));
    }

    private long computeUnits() {
        return node.number("simd_count") / Math.max(1, node.number("simd_per_cu"));
    }

    private String partition() {
        String mode = SysFiles.textOrNull(folder.resolve("current_compute_partition"));
        return mode == null || mode.isEmpty() ? "partition" : mode.toLowerCase(Locale.ROOT);
    }

    private String model() {
        String product = SysFiles.textOrNull(folder.resolve("product_name"));
        Matcher instinct = INSTINCT.matcher(product == null ? "" : product.toUpperCase(Locale.ROOT));
        if (instinct.find()) {
            return "amd-" + instinct.group().toLowerCase(Locale.ROOT);
        }
        return "amd-" + MODELS.getOrDefault(node.number("device_id"), node.target());
    }

    /** Chips of one hive reach each other without the bus. A hive of 0 is none. */
    private String scaleUpDomain() {
        long hive = node.number("hive_id");
        return hive == 0 ? "" : "xgmi-%016x".formatted(hive);
    }

    private static void put(Device.Builder device, String key, Path file) {
        String value = SysFiles.textOrNull(file);
        if (value != null && !value.isEmpty()) {
            device.putAttributes(key, value);
        }
    }
}
