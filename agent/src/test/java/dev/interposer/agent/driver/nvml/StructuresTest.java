package dev.interposer.agent.driver.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class StructuresTest {
    @Test
    void theyLieWhereTheCompilerPutsThem() throws Exception {
        Process printer = new ProcessBuilder(FakeNvml.compiled(List.of("-DPRINT_LAYOUTS"))
                        .toAbsolutePath()
                        .toString())
                .start();
        Map<String, Long> compiled = new String(printer.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.split(" ", 2))
                .collect(Collectors.toMap(words -> words[0], words -> Long.valueOf(words[1]), Long::sum, TreeMap::new));
        assertThat(printer.waitFor()).isZero();
        assertThat(laidOut()).isEqualTo(compiled).hasSizeGreaterThan(50);
    }

    /** The sizes that NVIDIA's public header gives; they are part of the numbers that some of the functions check. */
    @Test
    void theyAreAsLargeAsNvidiaSays() {
        assertThat(Structures.ALL.stream().collect(Collectors.toMap(StructuresTest::nameOf, MemoryLayout::byteSize)))
                .isEqualTo(Map.ofEntries(
                        Map.entry("nvmlMemory_t", 24L),
                        Map.entry("nvmlMemory_v2_t", 40L),
                        Map.entry("nvmlPciInfo_t", 68L),
                        Map.entry("nvmlProcessInfo_t", 24L),
                        Map.entry("nvmlProcessInfo_535_t", 32L),
                        Map.entry("nvmlUtilization_t", 8L),
                        Map.entry("nvmlMarginTemperature_t", 8L),
                        Map.entry("nvmlGpuFabricInfo_t", 28L),
                        Map.entry("nvmlGpuFabricInfo_v2_t", 36L),
                        Map.entry("nvmlEventData_t", 32L),
                        Map.entry("nvmlDeviceAttributes_t", 40L),
                        Map.entry("nvmlGpuInstanceInfo_t", 24L)));
        assertThat(Structures.version(Structures.MEMORY_2, 2)).isEqualTo(0x02000028);
        assertThat(Structures.version(Structures.FABRIC_2, 2)).isEqualTo(0x02000024);
    }

    private static Map<String, Long> laidOut() {
        Map<String, Long> found = new TreeMap<>();
        for (StructLayout structure : Structures.ALL) {
            String name = nameOf(structure);
            found.put(name, structure.byteSize());
            for (MemoryLayout field : structure.memberLayouts()) {
                field.name()
                        .ifPresent(known -> found.put(
                                name + "." + known,
                                structure.byteOffset(MemoryLayout.PathElement.groupElement(known))));
            }
        }
        return found;
    }

    private static String nameOf(StructLayout structure) {
        return structure.name().orElseThrow();
    }
}
