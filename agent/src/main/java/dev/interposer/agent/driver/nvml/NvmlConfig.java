package dev.interposer.agent.driver.nvml;

import java.nio.file.Path;

/**
 * How NVIDIA's devices are found and watched.
 *
 * @param library name for the dynamic linker, or a path
 * @param sysfsRoot where the kernel tells of its PCI devices
 * @param eventWaitMillis longest stay in the library for an event; an end of the driver waits about so long
 * @param correctedErrorsPerMinute of one chip's memory, above which it is told
 */
public record NvmlConfig(String library, Path sysfsRoot, int eventWaitMillis, int correctedErrorsPerMinute) {
    public static final NvmlConfig DEFAULT = new NvmlConfig("libnvidia-ml.so.1", Path.of("/sys"), 1_000, 100);

    public NvmlConfig {
        if (library.isBlank()) {
            throw new IllegalArgumentException("nvml.library is empty. Name a library such as libnvidia-ml.so.1");
        }
        if (eventWaitMillis < 1 || eventWaitMillis > 10_000) {
            throw new IllegalArgumentException(
                    "nvml.eventWaitMillis (" + eventWaitMillis + ") must be from 1 to 10000");
        }
        if (correctedErrorsPerMinute < 1) {
            throw new IllegalArgumentException(
                    "nvml.correctedErrorsPerMinute (" + correctedErrorsPerMinute + ") must be 1 or more");
        }
    }
    /** The same with another library. */
    public NvmlConfig withLibrary(String other) {
        return new NvmlConfig(other, sysfsRoot, eventWaitMillis, correctedErrorsPerMinute);
    }
}
