package dev.interposer.agent.driver;

import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Knows some of the devices of one node: what there is, what it measures, what happens to it.
 *
 * <p>It says facts alone; what follows from them is decided elsewhere. Methods that throw {@link DriverException} may
 * ask hardware and so take long or never return: one thread a driver calls them, one at a time, and never the loop.
 */
public interface Driver extends AutoCloseable {
    /** For people, logs and metrics: {@code nvml}, {@code amd}, {@code simulated}, … */
    String name();

    /**
     * What there is now, in an order that stays; health is left out. A device that is missing from a later answer is
     * gone.
     */
    List<Device> devices() throws DriverException;

    /** What one device measures now. */
    Reading read(String device) throws DriverException;

    /** Is told each signal from now on, from any thread, until the driver is closed. Called once. */
    void listen(Consumer<Signal> signals);

    /**
     * Makes the devices of a worker ready, before it starts.
     *
     * @return variables by which the vendor's software finds them, over and above those that every worker gets
     */
    Map<String, String> prepare(WorkerAssignment assignment) throws DriverException;

    /** The worker has ended, or did not start; may be told more than once. */
    default void unprepare(WorkerAssignment assignment) throws DriverException {}

    @Override
    default void close() {}
}
