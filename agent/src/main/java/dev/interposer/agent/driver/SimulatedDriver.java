package dev.interposer.agent.driver;

import dev.interposer.agent.config.NodeConfig;
import dev.interposer.agent.config.NodeConfig.SimulatedDevices;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.DraIdentity;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Devices that only a file knows of. Nothing ever happens to them. */
public final class SimulatedDriver implements Driver {
    private final List<Device> devices = new ArrayList<>();
    /** Place of each on the node, which is what the variable lists. */
    private final Map<String, Integer> indexes = new HashMap<>();

    private final String visibleVariable;

    public SimulatedDriver(NodeConfig node) {
        SimulatedDevices simulated = node.devices();
        this.visibleVariable = simulated.visibleVariable();
        String shortName = node.name().substring(node.name().indexOf('/') + 1);
        for (int index = 0; index < simulated.count(); index++) {
            String name = shortName + "-" + index;
            indexes.put(name, index);
            devices.add(Device.newBuilder()
                    .setName(name)
                    .setMemoryBytes(simulated.memoryBytes())
                    .putAttributes("model", simulated.model())
                    .putAttributes("vendor", simulated.vendor())
                    .putAttributes("driver", "simulated")
                    .setScaleUpDomain(simulated.scaleUpDomain())
                    .setDra(DraIdentity.newBuilder()
                            .setDriver("simulated.interposer.dev")
                            .setPool(shortName)
                            .setName("device-" + index))
                    .build());
        }
    }

    @Override
    public String name() {
        return "simulated";
    }

    @Override
    public List<Device> devices() {
        return List.copyOf(devices);
    }

    @Override
    public boolean still() {
        return true;
    }

    @Override
    public Reading read(String device) {
        return Reading.NONE;
    }

    @Override
    public void listen(Consumer<Signal> signals) {
        // Nothing happens.
    }

    @Override
    public Map<String, String> hidden() {
        return visibleVariable.isEmpty() ? Map.of() : Map.of(visibleVariable, "");
    }

    @Override
    public Map<String, String> prepare(WorkerAssignment assignment) {
        if (visibleVariable.isEmpty()) {
            return Map.of();
        }
        String chosen = assignment.getDeviceNamesList().stream()
                .map(name -> Integer.toString(indexes.getOrDefault(name, -1)))
                .collect(Collectors.joining(","));
        return Map.of(visibleVariable, chosen);
    }
}
