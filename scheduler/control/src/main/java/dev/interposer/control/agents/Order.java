package dev.interposer.control.agents;

import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.WorkerKey;
import java.util.List;
import java.util.Map;

/** What one agent is told to do. */
public sealed interface Order {
    WorkerKey key();

    /**
     * Run this worker, once.
     *
     * @param shareMilli thousandths of each device
     * @param partition name of the partition of its device that it gets; empty for none
     * @param partitionStart the first slice of that partition on the device
     * @param worldSize workers in the gang
     * @param graceSeconds between the asking and the killing
     * @param selfFenceSeconds the agent stops it after so long without a leader; 0 for never
     * @param checkpointSignal by which it is asked to save its work and to end; empty for SIGTERM
     * @param rendezvous where the workers of the gang find each other
     * @param begun whether a worker of this attempt is known to have begun, this one or another
     */
    record Assign(
            WorkerKey key,
            String namespace,
            String jobName,
            String profileName,
            String className,
            String roleName,
            int worldSize,
            List<String> deviceNames,
            int shareMilli,
            String partition,
            int partitionStart,
            Map<String, Long> requests,
            Container container,
            long graceSeconds,
            long selfFenceSeconds,
            String checkpointSignal,
            Rendezvous rendezvous,
            boolean begun)
            implements Order {
        public Assign {
            deviceNames = List.copyOf(deviceNames);
        }
    }

    /** Stop this worker. */
    record Release(WorkerKey key, long graceSeconds) implements Order {}
}
