package dev.interposer.agent.driver.plugin;

import dev.interposer.agent.driver.DriverException;
import dev.interposer.proto.driver.v1.Device;
import dev.interposer.proto.driver.v1.Inventory;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The devices of a plugin by name, in its order, as it last said. */
final class PluginInventory {
    private final String plugin;
    private final Map<String, Device> devices = new LinkedHashMap<>();

    PluginInventory(String plugin, Inventory inventory) {
        this.plugin = plugin;
        inventory.getDevicesList().forEach(device -> devices.put(device.getName(), device));
    }

    Collection<Device> all() {
        return devices.values();
    }

    Set<String> names() {
        return devices.keySet();
    }

    /** A part whose chip is there, or a chip of which parts are: it was split otherwise, and nothing is lost. */
    boolean isSplitOtherwise(Device before) {
        String chip = before.getParentName();
        return devices.values().stream()
                .anyMatch(device -> device.getParentName().equals(before.getName())
                        || (!chip.isEmpty()
                                && (device.getName().equals(chip)
                                        || device.getParentName().equals(chip))));
    }

    Device device(String name) throws DriverException {
        Device device = devices.get(name);
        if (device == null) {
            throw new DriverException("device " + name + " is none of plugin " + plugin + ": "
                    + (devices.isEmpty() ? "it has none" : String.join(", ", devices.keySet())));
        }
        return device;
    }
}
