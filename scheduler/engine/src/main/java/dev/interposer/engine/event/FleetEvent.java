package dev.interposer.engine.event;

import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceSlice;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.Hold;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.WorkerKey;
import java.util.List;

/** What happens to nodes and devices. */
public sealed interface FleetEvent extends Event {
    long nodeId();

    /** A node as a whole, new or changed; says nothing of whether it is in touch (a new one is). */
    record NodeReported(long nodeId, NodeInfo info, List<Device> devices) implements FleetEvent {
        public NodeReported {
            devices = List.copyOf(devices);
        }
    }

    /** Silent for too long; takes no new work, what is bound to it stays bound. */
    record NodeLost(long nodeId) implements FleetEvent {}

    /** Confirmed to run nothing. The ends of its workers precede this event. */
    record NodeFenced(long nodeId, String how) implements FleetEvent {}

    /** In touch again, with workers that nobody expects any more. */
    record NodeReturned(long nodeId, List<Hold> holds) implements FleetEvent {
        public NodeReturned {
            holds = List.copyOf(holds);
        }
    }

    /** The agent confirmed the end of a worker that nobody expected. */
    record HoldReleased(long nodeId, WorkerKey key) implements FleetEvent {}

    /** Takes no new work, by an operator's wish; or does again. */
    record NodeCordoned(long nodeId, boolean cordoned) implements FleetEvent {}

    /**
     * Takes no new work, and what runs there is asked to leave, by an operator's wish; ended by a lifted cordon.
     * Feature level 3.
     *
     * @param graceSeconds for whoever leaves; −1 for what each job has chosen
     */
    record NodeDraining(long nodeId, long graceSeconds) implements FleetEvent {}

    /**
     * Takes no new work, because devices that have something in common with its own failed; ended by a lifted cordon.
     * Feature level 7.
     */
    record SliceCordoned(long nodeId, DeviceSlice slice, String reason) implements FleetEvent {}

    /** Gone for good; nothing is bound to it. */
    record NodeRemoved(long nodeId) implements FleetEvent {}

    /** Damped health of one device changed. */
    record DeviceHealthChanged(long nodeId, long deviceId, Health health, String cause) implements FleetEvent {}
}
