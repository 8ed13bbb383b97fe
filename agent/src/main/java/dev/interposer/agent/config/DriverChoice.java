package dev.interposer.agent.config;

import java.nio.file.Path;
import java.util.List;

/** A driver that a node's devices are asked of. */
public sealed interface DriverChoice {
    /** What is tried on a machine of which the file names no drivers: those that are there are found. */
    List<DriverChoice> STANDARD = List.of(new Nvml(""), new Amd());

    /**
     * NVIDIA's devices.
     *
     * @param library name or path of NVML; empty for the usual one
     */
    record Nvml(String library) implements DriverChoice {}

    /** AMD's devices, by sysfs. */
    record Amd() implements DriverChoice {}

    /** Devices that a file describes. */
    record Profile(Path file) implements DriverChoice {}

    /** Devices of which another process tells. */
    record Plugin(Path socket) implements DriverChoice {}
}
