package dev.interposer.engine.state;

import dev.interposer.engine.model.Reservation;

/**
 * Told after each change of the state, so that indexes and arrays follow it by increments. Every observer can also be
 * built from a whole {@link State}, with the same result. It says only what it follows.
 */
public interface StateObserver {
    /** Suppliers, classes, queues, orders or policies changed. */
    default void settingsChanged() {}

    /** Prices were published anew. */
    default void pricesChanged() {}

    /** What queues have used of late was published anew. */
    default void chargesChanged() {}

    /** A node came, or its labels, capacity, devices, phase, cordon or holds changed. */
    default void nodeChanged(NodeState node) {}

    default void nodeRemoved(NodeState node) {}

    /** Health of one device changed; nothing else of its node did. */
    default void deviceHealthChanged(NodeState node, long deviceId) {}

    /** A worker takes devices and resources of its node. */
    default void workerBound(GangState gang, WorkerState worker) {}

    /** A worker gives back devices and resources of its node. */
    default void workerReleased(GangState gang, WorkerState worker) {}

    /** A gang is bound as a whole; told after its workers. */
    default void gangAssigned(GangState gang) {}

    /** The workers of a gang were asked to stop; what they have stays taken until they did. */
    default void gangStopping(GangState gang) {}

    /** The last worker of a gang gave back what it had. */
    default void gangFreed(GangState gang) {}

    /** A place is kept for a gang. */
    default void gangReserved(GangState gang, Reservation reservation) {}

    /** A place is kept no more, before the gang is bound if it is. */
    default void reservationDropped(GangState gang, Reservation reservation) {}

    /** A gang became eligible for placement. */
    default void gangWaiting(GangState gang) {}

    /** A gang is no longer eligible: it was placed, is stopped, ended or was cancelled. */
    default void gangNotWaiting(GangState gang) {}
}
