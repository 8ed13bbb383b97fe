package dev.interposer.agent.watch;

import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.config.DriverChoice;
import dev.interposer.agent.config.NodeConfig;
import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.LateDriver;
import dev.interposer.agent.driver.SimulatedDriver;
import dev.interposer.agent.driver.amd.AmdDriver;
import dev.interposer.agent.driver.nvml.Nvml;
import dev.interposer.agent.driver.nvml.NvmlConfig;
import dev.interposer.agent.driver.plugin.PluginConfig;
import dev.interposer.agent.driver.plugin.PluginDriver;
import dev.interposer.agent.driver.profile.ProfileDriver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The drivers that a node's configuration names. */
public final class Drivers {
    private static final Path SYS = Path.of("/sys");
    private static final Path DEV = Path.of("/dev");

    private Drivers() {}

    /** Nothing is asked of hardware here: that is for whoever watches them. */
    public static List<Driver> of(NodeConfig node) throws ConfigException {
        List<Driver> drivers = new ArrayList<>();
        Map<String, String> named = new HashMap<>();
        if (node.devices().count() > 0) {
            Driver simulated = new SimulatedDriver(node);
            named.put(simulated.name(), "its simulated devices");
            drivers.add(simulated);
        }
        for (DriverChoice choice : node.drivers()) {
            Driver driver = of(choice);
            String twin = named.put(driver.name(), words(choice));
            if (twin != null) {
                // Whose a device is goes by the driver's name: each would take the other's for missing.
                throw new ConfigException("drivers of node " + node.name() + " (" + twin + ", " + words(choice)
                        + ") are both named " + driver.name() + ". Leave one out, or give one another name");
            }
            drivers.add(driver);
        }
        return drivers;
    }

    private static String words(DriverChoice choice) {
        return switch (choice) {
            case DriverChoice.Nvml(String library) -> library.isEmpty() ? "nvml" : "nvml " + library;
            case DriverChoice.Amd() -> "amd";
            case DriverChoice.Profile(Path file) -> "profile " + file;
            case DriverChoice.Plugin(Path socket) -> "plugin " + socket;
        };
    }

    public static Driver of(DriverChoice choice) throws ConfigException {
        return switch (choice) {
            case DriverChoice.Nvml nvml -> nvml(nvml.library());
            case DriverChoice.Amd() ->
                new LateDriver(
                        "amd",
                        AmdDriver.HIDDEN,
                        () -> AmdDriver.isThere(SYS)
                                ? Optional.of(new AmdDriver(SYS, DEV, System::nanoTime))
                                : Optional.empty());
            case DriverChoice.Profile profile -> ProfileDriver.open(profile.file(), SYS, DEV);
            // By its socket, since its own name is known only once it has answered.
            case DriverChoice.Plugin plugin ->
                new LateDriver(
                        "plugin " + plugin.socket(),
                        Map.of(),
                        () -> Optional.of(PluginDriver.open(PluginConfig.of(plugin.socket()))));
        };
    }

    private static Driver nvml(String library) {
        NvmlConfig config = library.isEmpty() ? NvmlConfig.DEFAULT : NvmlConfig.DEFAULT.withLibrary(library);
        return new LateDriver("nvml", Nvml.HIDDEN, () -> Nvml.open(config));
    }
}
