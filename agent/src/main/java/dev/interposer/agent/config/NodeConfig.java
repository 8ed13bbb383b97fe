package dev.interposer.agent.config;

import java.util.List;
import java.util.Map;

/**
 * One node that an agent speaks for.
 *
 * @param name {@code cluster/node}
 * @param labels topology and whatever else
 * @param capacity what work may use, in the units of agent.v1
 * @param devices simulated devices; none for a node without
 * @param drivers that know real devices; none for a simulated node
 * @param simulatedSeconds above 0: workers only take so long; else they are processes
 * @param address where workers on other nodes reach those on this one; empty to find it out
 */
public record NodeConfig(
        String name,
        Map<String, String> labels,
        Map<String, Long> capacity,
        SimulatedDevices devices,
        List<DriverChoice> drivers,
        double simulatedSeconds,
        String address) {
    public NodeConfig {
        drivers = List.copyOf(drivers);
        labels = Map.copyOf(labels);
        capacity = Map.copyOf(capacity);
    }

    /** With an address to be found out. */
    public NodeConfig(
            String name,
            Map<String, String> labels,
            Map<String, Long> capacity,
            SimulatedDevices devices,
            List<DriverChoice> drivers,
            double simulatedSeconds) {
        this(name, labels, capacity, devices, drivers, simulatedSeconds, "");
    }

    /** The same node with the address that was found out; what was said by its file stays. */
    public NodeConfig foundAt(String found) {
        return address.isEmpty()
                ? new NodeConfig(name, labels, capacity, devices, drivers, simulatedSeconds, found)
                : this;
    }

    /**
     * Devices that are not there.
     *
     * @param count how many
     * @param model attribute {@code model}, by which a class recognises them
     * @param vendor attribute {@code vendor}
     * @param memoryBytes of each
     * @param visibleVariable variable that lists the chosen ones for the vendor's software; empty for none
     * @param scaleUpDomain empty for the node alone
     */
    public record SimulatedDevices(
            int count, String model, String vendor, long memoryBytes, String visibleVariable, String scaleUpDomain) {
        public static final SimulatedDevices NONE = new SimulatedDevices(0, "", "", 0, "", "");
    }
}
