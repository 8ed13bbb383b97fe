package dev.interposer.agent;

import dev.interposer.agent.config.AgentOptions;
import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.config.DriverChoice;
import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Listing;
import dev.interposer.agent.watch.Drivers;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Lists what the drivers find on this machine, without a scheduler: what one runs where real devices are. */
final class DevicesCommand {
    private static final int DONE = 0;
    private static final int BAD_OPTIONS = 2;
    private static final int DRIVER_FAILED = 4;

    private DevicesCommand() {}

    /** The exit code; {@code arguments} begin with the command's own name. */
    static int run(String[] arguments, PrintStream out, PrintStream errors) {
        try {
            int code = DONE;
            for (DriverChoice choice : choices(arguments)) {
                try (Driver driver = Drivers.of(choice)) {
                    if (Listing.print(driver, out) == 0) {
                        out.println(driver.name() + " finds no devices");
                    }
                } catch (DriverException e) {
                    errors.println("interposer-agent: " + e.getMessage());
                    code = DRIVER_FAILED;
                }
            }
            return code;
        } catch (ConfigException e) {
            errors.println("interposer-agent: " + e.getMessage());
            return BAD_OPTIONS;
        }
    }

    private static List<DriverChoice> choices(String[] arguments) throws ConfigException {
        List<DriverChoice> named = new ArrayList<>();
        for (int at = 1; at < arguments.length; at += 2) {
            String value = at + 1 < arguments.length ? arguments[at + 1] : "";
            if (value.isBlank()) {
                throw new ConfigException("option " + arguments[at] + " needs a value\n" + AgentOptions.USAGE);
            }
            named.add(
                    switch (arguments[at]) {
                        case "--nvml-library" -> new DriverChoice.Nvml(value);
                        case "--profile" -> new DriverChoice.Profile(Path.of(value));
                        case "--plugin" -> new DriverChoice.Plugin(Path.of(value));
                        default ->
                            throw new ConfigException("unknown option " + arguments[at] + "\n" + AgentOptions.USAGE);
                    });
        }
        return named.isEmpty() ? DriverChoice.STANDARD : named;
    }
}
