package dev.interposer.agent.driver;

import dev.interposer.proto.agent.v1.Device;
import java.util.List;
import java.util.function.Consumer;

/**
 * Knows some of the devices of one node: what there is, what it measures, what happens to it.
 *
 * <p>It says facts alone; what follows from them is decided elsewhere. Methods that throw {@link DriverException} may
 * ask hardware and so take long or never return: the loop never calls them. {@link #devices} and {@link #read} are
 * called by one thread, one at a time.
 */
public interface Driver extends Preparation, AutoCloseable {
    /** For people, logs and metrics: {@code nvml}, {@code amd}, {@code simulated}, … */
    String name();

    /**
     * What there is now, in an order that stays; health is left out. A device that is missing from a later answer is
     * gone.
     */
    List<Device> devices() throws DriverException;

    /** Whether nothing ever happens to its devices: it answers at once, is asked once, and is not watched. */
    default boolean still() {
        return false;
    }

    /** What one device measures now. */
    Reading read(String device) throws DriverException;

    /**
     * Is told each signal from now on, from any thread, until the driver is closed. Called once, after {@link #devices}
     * has answered; what states there are by then is told too.
     */
    void listen(Consumer<Signal> signals);

    @Override
    default void close() {}
}
