package dev.interposer.agent.driver.amd;

import dev.interposer.agent.driver.sysfs.SysFiles;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** One accelerator as the compute driver's topology lists it: a chip, a die of a package, or a partition of a chip. */
record KfdNode(Path folder, Map<String, String> properties, long gpuId) {
    KfdNode {
        properties = Map.copyOf(properties);
    }

    /** Nothing for the CPUs, which the topology lists as well, and for what is not readable. */
    static Optional<KfdNode> read(Path folder) {
        String text = SysFiles.textOrNull(folder.resolve("properties"));
        if (text == null) {
            return Optional.empty();
        }
        Map<String, String> properties = new HashMap<>();
        text.lines().map(String::strip).forEach(line -> {
            int space = line.indexOf(' ');
            if (space > 0) {
                properties.put(
                        line.substring(0, space), line.substring(space + 1).strip());
            }
        });
        KfdNode node = new KfdNode(folder, properties, SysFiles.number(folder.resolve("gpu_id"), 0));
        return node.number("simd_count") > 0 && node.number("gfx_target_version") > 0
                ? Optional.of(node)
                : Optional.empty();
    }

    /** 0 where there is none. Ids use all 64 bits and so may come out below 0. */
    long number(String property) {
        try {
            return Long.parseUnsignedLong(properties.getOrDefault(property, "0"));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** As the bus writes it; partitions of one chip count on in the lowest three bits. */
    String address() {
        long location = number("location_id");
        return "%04x:%02x:%02x.%x"
                .formatted(number("domain"), location >> 8 & 0xff, location >> 3 & 0x1f, location & 0x7);
    }

    /** Such as gfx942: major, minor and stepping, the last two in hexadecimal. */
    String target() {
        long version = number("gfx_target_version");
        return "gfx%d%x%x".formatted(version / 10_000, version / 100 % 100, version % 100);
    }

    /** The id that the vendor's tools print, or nothing for chips without. */
    String uuid() {
        return number("unique_id") == 0 ? "" : "GPU-%016x".formatted(number("unique_id"));
    }

    /** The memory that the topology gives to it, in bytes; the one figure that is true for a partition. */
    long memoryBytes() {
        long bytes = 0;
        for (Path bank : SysFiles.entries(folder.resolve("mem_banks"))) {
            bytes += KfdBank.bytes(bank);
        }
        return bytes;
    }

    /** A bank of memory has properties of the same form. */
    private static final class KfdBank {
        private KfdBank() {}

        static long bytes(Path bank) {
            String text = SysFiles.textOrNull(bank.resolve("properties"));
            if (text == null) {
                return 0;
            }
            return text.lines()
                    .map(String::strip)
                    .filter(line -> line.startsWith("size_in_bytes "))
                    .mapToLong(line -> SysFiles.number(line.substring("size_in_bytes ".length()), 0))
                    .sum();
        }
    }
}
