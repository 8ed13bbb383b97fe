package dev.interposer.agent.driver;

import dev.interposer.agent.config.NodeConfig;
import dev.interposer.agent.config.NodeConfig.SimulatedDevices;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.DraIdentity;
import dev.interposer.proto.agent.v1.Health;
import java.util.ArrayList;
import java.util.List;

/** Devices that only a file knows of. */
public final class SimulatedDriver implements Driver {
    private final List<Device> devices = new ArrayList<>();
    private final String visibleVariable;

    public SimulatedDriver(NodeConfig node) {
        SimulatedDevices simulated = node.devices();
        this.visibleVariable = simulated.visibleVariable();
        String shortName = node.name().substring(node.name().indexOf('/') + 1);
        for (int index = 0; index < simulated.count(); index++) {
            devices.add(Device.newBuilder()
                    .setName(shortName + "-" + index)
                    .setMemoryBytes(simulated.memoryBytes())
                    .putAttributes("model", simulated.model())
                    .putAttributes("vendor", simulated.vendor())
                    .putAttributes("driver", "simulated")
                    .setScaleUpDomain(simulated.scaleUpDomain())
                    .setDra(DraIdentity.newBuilder()
                            .setDriver("simulated.interposer.dev")
                            .setPool(shortName)
                            .setName("device-" + index))
                    .setHealth(Health.HEALTH_HEALTHY)
                    .build());
        }
    }

    @Override
    public List<Device> devices() {
        return List.copyOf(devices);
    }

    @Override
    public String visibleDevicesVariable() {
        return visibleVariable;
    }
}
