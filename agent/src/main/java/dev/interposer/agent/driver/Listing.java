package dev.interposer.agent.driver;

import dev.interposer.agent.driver.Reading.DeviceProcess;
import dev.interposer.proto.agent.v1.Device;
import java.io.PrintStream;
import java.util.List;
import java.util.TreeMap;

/** What a driver says of its devices, for people who set up a machine. */
public final class Listing {
    private Listing() {}

    /**
     * A block of lines for each device: what it is, then what it measures.
     *
     * @return how many there are
     */
    public static int print(Driver driver, PrintStream out) throws DriverException {
        List<Device> devices = driver.devices();
        for (Device device : devices) {
            out.println(device.getName());
            field(out, "driver", driver.name());
            field(out, "parent", device.getParentName());
            field(out, "partition", device.getPartition());
            field(out, "memoryBytes", Long.toString(device.getMemoryBytes()));
            field(out, "scaleUpDomain", device.getScaleUpDomain());
            new TreeMap<>(device.getAttributesMap()).forEach((name, value) -> field(out, "attribute " + name, value));
            try {
                print(driver.read(device.getName()), out);
            } catch (DriverException e) {
                // What ails one device is worth as much as what the others measure.
                field(out, "unread", String.valueOf(e.getMessage()));
            }
        }
        return devices.size();
    }

    private static void print(Reading reading, PrintStream out) {
        measured(out, "utilizationMilli", reading.utilizationMilli());
        measured(out, "memoryUsedBytes", reading.memoryUsedBytes());
        measured(out, "temperatureCelsius", reading.temperatureCelsius());
        measured(out, "powerMilliwatts", reading.powerMilliwatts());
        for (DeviceProcess process : reading.processes()) {
            measured(out, "process " + process.pid() + " memoryBytes", process.memoryBytes());
        }
    }

    private static void measured(PrintStream out, String name, long value) {
        field(out, name, value == Reading.UNKNOWN ? "unknown" : Long.toString(value));
    }

    private static void field(PrintStream out, String name, String value) {
        if (!value.isEmpty()) {
            out.println("  " + name + ": " + value);
        }
    }
}
