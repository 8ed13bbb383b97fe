package dev.interposer.engine.event;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.ObjectKind;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.SupplyOrder;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** What is set for the whole: objects, prices, the ledger's own life. */
public sealed interface SettingEvent extends Event {
    /** Kinds of event up to this level may be written from here on. */
    record FeatureLevelRaised(int level) implements SettingEvent {}

    /** The ledger begins a new life after a restore: what runs is adopted or held, never killed. */
    record IncarnationStarted(long incarnation) implements SettingEvent {}

    /** Nothing is placed from here on, for the reason given; or again, when it is empty. */
    record PlacementHalted(String reason) implements SettingEvent {}

    /**
     * Nothing is placed from here on until every node that should be there has been heard, whoever leads by then; or
     * all have been. Feature level 5.
     */
    record NodesAwaited(boolean awaited) implements SettingEvent {}

    /** Ids below this one are taken; written in snapshots only. */
    record IdsTaken(long nextId) implements SettingEvent {}

    /** Prices of a chip-hour by class, in thousandths. */
    record PricesPublished(long epoch, Map<String, Long> milliByClass) implements SettingEvent {
        public PricesPublished {
            milliByClass = Collections.unmodifiableSortedMap(new TreeMap<>(milliByClass));
        }
    }

    /**
     * What each queue has used of late, for the order of queues until the next such event: devices, in thousandths,
     * weighted by price and averaged with the queue's half-life.
     *
     * @param epoch the time of it, seconds since the epoch
     */
    record ChargesPublished(long epoch, Map<String, Long> milliByQueue) implements SettingEvent {
        public ChargesPublished {
            milliByQueue = Collections.unmodifiableSortedMap(new TreeMap<>(milliByQueue));
        }
    }

    /** A supplier as a whole, new or changed. */
    record SupplierApplied(Supplier supplier) implements SettingEvent {}

    /** A class as a whole, new or changed. Devices that it matches follow as {@link FleetEvent.NodeReported}. */
    record ClassApplied(AcceleratorClass acceleratorClass) implements SettingEvent {}

    /** A queue as a whole, new or changed. */
    record QueueApplied(JobQueue queue) implements SettingEvent {}

    /** An order as a whole, new or changed. Feature level 2. */
    record OrderApplied(SupplyOrder order) implements SettingEvent {}

    /** A policy as a whole, new or changed. Feature level 2. */
    record PolicyApplied(SourcingPolicy policy) implements SettingEvent {}

    /** An object is gone; nothing refers to it any more. */
    record ObjectDeleted(ObjectKind kind, String name) implements SettingEvent {}
}
