package dev.interposer.engine.model;

/**
 * The devices of one class that have something in common which may be at fault for all of them.
 *
 * @param className their class
 * @param attribute what they have in common, such as {@code driverVersion}
 * @param value its value
 */
public record DeviceSlice(String className, String attribute, String value) {
    public boolean holds(Device device) {
        return device.className().equals(className)
                && value.equals(device.report().attributes().get(attribute));
    }

    /** For people: {@code h100 with driverVersion 570.1}. */
    public String words() {
        return className + " with " + attribute + " " + value;
    }
}
