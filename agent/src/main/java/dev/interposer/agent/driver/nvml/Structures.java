package dev.interposer.agent.driver.nvml;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The library's structures as they lie in memory, on 64-bit Linux. */
final class Structures {
    static final StructLayout MEMORY_1 = named("nvmlMemory_t", wide("total"), wide("free"), wide("used"));
    static final StructLayout MEMORY_2 = named(
            "nvmlMemory_v2_t", number("version"), gap(4), wide("total"), wide("reserved"), wide("free"), wide("used"));
    static final StructLayout PCI = named(
            "nvmlPciInfo_t",
            bytes("busIdLegacy", 16),
            number("domain"),
            number("bus"),
            number("device"),
            number("pciDeviceId"),
            number("pciSubSystemId"),
            bytes("busId", 32));
    static final StructLayout PROCESS = named(
            "nvmlProcessInfo_t",
            number("pid"),
            gap(4),
            wide("usedGpuMemory"),
            number("gpuInstanceId"),
            number("computeInstanceId"));
    /** What the first drivers of R535 wrote in its place, under the same name of the function. */
    static final StructLayout PROCESS_535 = named(
            "nvmlProcessInfo_535_t",
            number("pid"),
            gap(4),
            wide("usedGpuMemory"),
            number("gpuInstanceId"),
            number("computeInstanceId"),
            wide("usedGpuCcProtectedMemory"));

    static final StructLayout UTILIZATION = named("nvmlUtilization_t", number("gpu"), number("memory"));
    static final StructLayout MARGIN = named("nvmlMarginTemperature_t", number("version"), number("marginTemperature"));
    static final StructLayout FABRIC_1 = named(
            "nvmlGpuFabricInfo_t",
            bytes("clusterUuid", 16),
            number("status"),
            number("cliqueId"),
            bytes("state", 1),
            gap(3));
    static final StructLayout FABRIC_2 = named(
            "nvmlGpuFabricInfo_v2_t",
            number("version"),
            bytes("clusterUuid", 16),
            number("status"),
            number("cliqueId"),
            bytes("state", 1),
            gap(3),
            number("healthMask"));
    static final StructLayout EVENT = named(
            "nvmlEventData_t",
            ADDRESS.withName("device"),
            wide("eventType"),
            wide("eventData"),
            number("gpuInstanceId"),
            number("computeInstanceId"));
    static final StructLayout ATTRIBUTES = named(
            "nvmlDeviceAttributes_t",
            number("multiprocessorCount"),
            number("sharedCopyEngineCount"),
            number("sharedDecoderCount"),
            number("sharedEncoderCount"),
            number("sharedJpegCount"),
            number("sharedOfaCount"),
            number("gpuInstanceSliceCount"),
            number("computeInstanceSliceCount"),
            wide("memorySizeMB"));
    static final StructLayout INSTANCE = named(
            "nvmlGpuInstanceInfo_t",
            ADDRESS.withName("device"),
            number("id"),
            number("profileId"),
            MemoryLayout.structLayout(number("start"), number("size")).withName("placement"));

    private static final Pattern EARLY_535 = Pattern.compile("535\\.(\\d{1,6})");
    private static final int FIXED_535 = 104;

    /** All of them, for whoever compares them with a compiler's. */
    static final List<StructLayout> ALL = List.of(
            MEMORY_1,
            MEMORY_2,
            PCI,
            PROCESS,
            PROCESS_535,
            UTILIZATION,
            MARGIN,
            FABRIC_1,
            FABRIC_2,
            EVENT,
            ATTRIBUTES,
            INSTANCE);

    private Structures() {}

    /** Goes into the field {@code version} of a structure that has one: its size, and the number above. */
    static int version(StructLayout layout, int number) {
        return (int) layout.byteSize() | number << 24;
    }

    /** Of a driver of that version, whose function has that name. */
    static StructLayout process(String driverVersion, String function) {
        Matcher early = EARLY_535.matcher(driverVersion);
        boolean larger = function.endsWith("_v3") && early.lookingAt() && Integer.parseInt(early.group(1)) < FIXED_535;
        return larger ? PROCESS_535 : PROCESS;
    }

    static int number(MemorySegment structure, StructLayout layout, String field) {
        return structure.get(JAVA_INT, layout.byteOffset(PathElement.groupElement(field)));
    }

    static long wide(MemorySegment structure, StructLayout layout, String field) {
        return structure.get(JAVA_LONG, layout.byteOffset(PathElement.groupElement(field)));
    }

    static byte[] bytes(MemorySegment structure, StructLayout layout, String field) {
        PathElement path = PathElement.groupElement(field);
        return structure
                .asSlice(layout.byteOffset(path), layout.select(path).byteSize())
                .toArray(JAVA_BYTE);
    }

    private static StructLayout named(String name, MemoryLayout... fields) {
        return MemoryLayout.structLayout(fields).withName(name);
    }

    private static MemoryLayout number(String name) {
        return JAVA_INT.withName(name);
    }

    private static MemoryLayout wide(String name) {
        return JAVA_LONG.withName(name);
    }

    private static MemoryLayout bytes(String name, int count) {
        return MemoryLayout.sequenceLayout(count, JAVA_BYTE).withName(name);
    }

    private static MemoryLayout gap(int bytes) {
        return MemoryLayout.paddingLayout(bytes);
    }
}
