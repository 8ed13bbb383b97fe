package dev.interposer.agent.link;

import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.watch.NodeDevices.Measured;
import dev.interposer.proto.agent.v1.DeviceTelemetry;
import java.util.ArrayList;
import java.util.List;

/**
 * What of the devices' readings the scheduler does not know yet.
 *
 * <p>A reading that only trembles says nothing: of a few watts, degrees or megabytes nobody is told.
 */
final class TelemetryDelta {
    private static final int STEP_MILLI = 20;
    private static final long STEP_BYTES = 64L << 20;
    private static final int STEP_CELSIUS = 2;
    private static final long STEP_MILLIWATTS = 10_000;

    private final List<Measured> told = new ArrayList<>();

    /** A new stream, or other places of the devices: the scheduler knows nothing. */
    void inventoryTold() {
        told.clear();
    }

    /**
     * Changes since the last call.
     *
     * @param now one for each device of the inventory, in its order
     */
    List<DeviceTelemetry> changes(List<Measured> now) {
        List<DeviceTelemetry> changes = new ArrayList<>();
        for (int index = 0; index < now.size(); index++) {
            if (index == told.size()) {
                told.add(new Measured(now.get(index).device(), Reading.NONE, 0));
            }
            DeviceTelemetry.Builder change = DeviceTelemetry.newBuilder();
            told.set(index, change(change, told.get(index), now.get(index)));
            if (change.build().getSerializedSize() > 0) {
                changes.add(change.setDeviceIndex(index).build());
            }
        }
        return changes;
    }

    private static Measured change(DeviceTelemetry.Builder change, Measured before, Measured after) {
        Reading old = before.reading();
        Reading now = after.reading();
        if (isNothing(now) && !isNothing(old)) {
            change.setUnmeasured(true);
            return new Measured(after.device(), Reading.NONE, 0);
        }
        int utilization = old.utilizationMilli();
        if (differs(utilization, now.utilizationMilli(), STEP_MILLI)) {
            utilization = now.utilizationMilli();
            change.setUtilizationMilli(utilization);
        }
        long memory = old.memoryUsedBytes();
        if (differs(memory, now.memoryUsedBytes(), STEP_BYTES)) {
            memory = now.memoryUsedBytes();
            change.setMemoryUsedBytes(memory);
        }
        int temperature = old.temperatureCelsius();
        if (differs(temperature, now.temperatureCelsius(), STEP_CELSIUS)) {
            temperature = now.temperatureCelsius();
            change.setTemperatureCelsius(temperature);
        }
        long power = old.powerMilliwatts();
        if (differs(power, now.powerMilliwatts(), STEP_MILLIWATTS)) {
            power = now.powerMilliwatts();
            change.setPowerMilliwatts(power);
        }
        if (before.foreign() != after.foreign()) {
            change.setForeignProcesses(after.foreign());
        }
        return new Measured(
                after.device(), new Reading(utilization, memory, temperature, power, List.of()), after.foreign());
    }

    private static boolean isNothing(Reading reading) {
        return reading.utilizationMilli() == Reading.UNKNOWN
                && reading.memoryUsedBytes() == Reading.UNKNOWN
                && reading.temperatureCelsius() == Reading.UNKNOWN
                && reading.powerMilliwatts() == Reading.UNKNOWN;
    }

    /** What alone can't be told now is not told. */
    private static boolean differs(long old, long now, long step) {
        return now != Reading.UNKNOWN && (old == Reading.UNKNOWN || Math.abs(now - old) >= step);
    }
}
