package dev.interposer.agent;

import dev.interposer.agent.config.AgentOptions;
import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Listing;
import dev.interposer.agent.driver.amd.AmdDriver;
import dev.interposer.agent.driver.nvml.Nvml;
import dev.interposer.agent.driver.nvml.NvmlConfig;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;

/** Lists what the drivers find on this machine, without a scheduler: what one runs where real devices are. */
final class DevicesCommand {
    private static final Path SYS = Path.of("/sys");
    private static final int DONE = 0;
    private static final int BAD_OPTIONS = 2;
    private static final int DRIVER_FAILED = 4;

    private DevicesCommand() {}

    /** The exit code; {@code arguments} begin with the command's own name. */
    static int run(String[] arguments, PrintStream out, PrintStream errors) {
        NvmlConfig config = NvmlConfig.DEFAULT;
        if (arguments.length == 3 && arguments[1].equals("--nvml-library") && !arguments[2].isBlank()) {
            config = config.withLibrary(arguments[2]);
        } else if (arguments.length != 1) {
            errors.println(
                    "interposer-agent: devices takes --nvml-library NAME and nothing else\n" + AgentOptions.USAGE);
            return BAD_OPTIONS;
        }
        try {
            Optional<Driver> nvidia = Nvml.open(config);
            if (nvidia.isPresent()) {
                list(nvidia.get(), out);
            } else {
                out.println("no NVIDIA devices: there is no library " + config.library());
            }
            if (AmdDriver.isThere(SYS)) {
                list(new AmdDriver(SYS, Path.of("/dev"), System::nanoTime), out);
            } else {
                out.println("no AMD devices: " + SYS + " shows no compute driver");
            }
            return DONE;
        } catch (DriverException e) {
            errors.println("interposer-agent: " + e.getMessage());
            return DRIVER_FAILED;
        }
    }

    private static void list(Driver driver, PrintStream out) throws DriverException {
        try (driver) {
            Listing.print(driver, out);
        }
    }
}
