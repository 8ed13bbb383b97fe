package dev.interposer.agent.driver.nvml;

import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.DriverException;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Opens the driver of NVIDIA's devices. */
public final class Nvml {
    /** By which the vendor's software, and what fits containers with devices, find none. */
    public static final Map<String, String> HIDDEN =
            Map.of("CUDA_VISIBLE_DEVICES", "", "NVIDIA_VISIBLE_DEVICES", "void");

    private Nvml() {}

    /**
     * Loads and initialises the library, which may take seconds, or hang as any call to a driver may.
     *
     * @return empty on a machine without the library: it has no such devices
     */
    public static Optional<Driver> open(NvmlConfig config) throws DriverException {
        return open(config, System::nanoTime).map(driver -> driver);
    }

    static Optional<NvmlDriver> open(NvmlConfig config, LongSupplier nanos) throws DriverException {
        Optional<Library> library = Library.load(config.library());
        if (library.isEmpty()) {
            return Optional.empty();
        }
        int code = library.get().call(Call.INIT);
        if (code != Code.SUCCESS) {
            throw new DriverException(
                    "nvml.library (" + config.library() + ") can't be initialised: " + Code.words(code));
        }
        return Optional.of(new NvmlDriver(library.get(), config, nanos));
    }
}
