package dev.interposer.agent.driver;

import java.util.List;

/**
 * What one device measures at a moment; {@link #UNKNOWN} where it can't tell.
 *
 * @param utilizationMilli thousandths of full use
 * @param memoryUsedBytes of the device's own memory
 * @param temperatureCelsius degrees
 * @param powerMilliwatts thousandths of a watt
 * @param processes that compute on it, whoever began them
 */
public record Reading(
        int utilizationMilli,
        long memoryUsedBytes,
        int temperatureCelsius,
        long powerMilliwatts,
        List<DeviceProcess> processes) {
    public static final int UNKNOWN = -1;

    /** Nothing can be told. */
    public static final Reading NONE = new Reading(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, List.of());

    public Reading {
        processes = List.copyOf(processes);
    }

    /**
     * A process that uses a device.
     *
     * @param pid in the agent's own name space
     * @param memoryBytes of the device that it holds; {@link #UNKNOWN} where that is not told
     */
    public record DeviceProcess(long pid, long memoryBytes) {}
}
