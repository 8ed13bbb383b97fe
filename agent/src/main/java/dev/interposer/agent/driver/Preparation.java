package dev.interposer.agent.driver;

import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.util.Map;

/** Makes the devices of workers ready. May ask hardware, so never on the loop; from any other thread. */
public interface Preparation {
    /**
     * Before the worker starts.
     *
     * @return variables by which the vendor's software finds the devices, over and above those that every worker gets
     */
    Map<String, String> prepare(WorkerAssignment assignment) throws DriverException;

    /**
     * For a worker that has none of the devices: variables by which the vendor's software finds none of them. Asks no
     * hardware and answers at once.
     */
    default Map<String, String> hidden() {
        return Map.of();
    }

    /** The worker has ended, or did not start; may be told more than once. */
    default void unprepare(WorkerAssignment assignment) throws DriverException {}
}
