package dev.interposer.agent.watch;

import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.health.HealthPolicy;
import java.util.List;

/**
 * What a node's devices are watched with.
 *
 * @param drivers that know them
 * @param policy what follows from their signals
 * @param memory what one agent leaves to the next
 */
public record DeviceSetup(List<Driver> drivers, HealthPolicy policy, DeviceMemory memory) {
    public DeviceSetup {
        drivers = List.copyOf(drivers);
    }
}
