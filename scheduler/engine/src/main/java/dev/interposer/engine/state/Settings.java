package dev.interposer.engine.state;

import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.ObjectKind;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.SupplyOrder;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Suppliers, classes, queues, orders, policies, prices and the counters of the ledger. */
public final class Settings {
    private static final int ATTEMPTS_OF_AN_INCARNATION = 1 << 16;
    private static final long MOST_INCARNATIONS = (1 << 15) - 1;

    private final List<StateObserver> observers;
    private final TreeMap<String, Supplier> suppliers = new TreeMap<>();
    private final TreeMap<String, AcceleratorClass> classes = new TreeMap<>();
    private final TreeMap<String, JobQueue> queues = new TreeMap<>();
    private final TreeMap<String, SupplyOrder> orders = new TreeMap<>();
    private final TreeMap<String, SourcingPolicy> policies = new TreeMap<>();
    private SortedMap<String, Long> pricesMilli = new TreeMap<>();
    private long priceEpoch;
    private SortedMap<String, Long> chargesMilli = new TreeMap<>();
    private long chargeEpoch;
    private long incarnation;
    private int featureLevel;
    private String placementHalted = "";
    private boolean nodesAwaited;
    private long nextId = 1;
    private long objectsVersion;

    Settings(List<StateObserver> observers) {
        this.observers = observers;
    }

    public @Nullable Supplier supplier(String name) {
        return suppliers.get(name);
    }

    public @Nullable AcceleratorClass acceleratorClass(String name) {
        return classes.get(name);
    }

    public @Nullable JobQueue queue(String name) {
        return queues.get(name);
    }

    /** In the order of their names. */
    public Collection<Supplier> suppliers() {
        return Collections.unmodifiableCollection(suppliers.values());
    }

    /** In the order of their names. */
    public Collection<AcceleratorClass> classes() {
        return Collections.unmodifiableCollection(classes.values());
    }

    /** In the order of their names. */
    public Collection<JobQueue> queues() {
        return Collections.unmodifiableCollection(queues.values());
    }

    public @Nullable SupplyOrder order(String name) {
        return orders.get(name);
    }

    public @Nullable SourcingPolicy policy(String name) {
        return policies.get(name);
    }

    /** In the order of their names. */
    public Collection<SupplyOrder> orders() {
        return Collections.unmodifiableCollection(orders.values());
    }

    /** In the order of their names. */
    public Collection<SourcingPolicy> policies() {
        return Collections.unmodifiableCollection(policies.values());
    }

    /** Prices of a chip-hour by class, in thousandths. */
    public Map<String, Long> pricesMilli() {
        return pricesMilli;
    }

    public long priceEpoch() {
        return priceEpoch;
    }

    /** What each queue has used of late, by its name; see {@link SettingEvent.ChargesPublished}. */
    public Map<String, Long> chargesMilli() {
        return chargesMilli;
    }

    public long chargeEpoch() {
        return chargeEpoch;
    }

    public long incarnation() {
        return incarnation;
    }

    public int featureLevel() {
        return featureLevel;
    }

    /** Why nothing is placed; empty if work is placed. */
    public String placementHalted() {
        return placementHalted;
    }

    /** Whether nodes that should be there must be heard before anything is placed. */
    public boolean nodesAwaited() {
        return nodesAwaited;
    }

    /** Counts the changes of objects since this state began; what is derived from objects is stale when it moved. */
    public long objectsVersion() {
        return objectsVersion;
    }

    /** The next id that is free; ids are never reused. */
    public long nextId() {
        return nextId;
    }

    /**
     * The least number of an attempt. The lost part of a ledger may have given out attempts that nobody knows of any
     * more, so each incarnation begins far above those of the one before.
     */
    public int firstAttempt() {
        return (int) Math.min(MOST_INCARNATIONS, Math.max(0, incarnation - 1)) * ATTEMPTS_OF_AN_INCARNATION + 1;
    }

    void take(long id) {
        nextId = Math.max(nextId, id + 1);
    }

    void apply(SettingEvent event) {
        switch (event) {
            case SettingEvent.FeatureLevelRaised raised -> featureLevel = Math.max(featureLevel, raised.level());
            case SettingEvent.IncarnationStarted started -> incarnation = started.incarnation();
            case SettingEvent.PlacementHalted halted -> {
                placementHalted = halted.reason();
                observers.forEach(StateObserver::settingsChanged);
            }
            case SettingEvent.NodesAwaited nodes -> nodesAwaited = nodes.awaited();
            case SettingEvent.IdsTaken taken -> nextId = Math.max(nextId, taken.nextId());
            case SettingEvent.PricesPublished published -> {
                priceEpoch = published.epoch();
                pricesMilli = new TreeMap<>(published.milliByClass());
                observers.forEach(StateObserver::pricesChanged);
            }
            case SettingEvent.ChargesPublished published -> {
                chargeEpoch = published.epoch();
                chargesMilli = new TreeMap<>(published.milliByQueue());
                observers.forEach(StateObserver::chargesChanged);
            }
            case SettingEvent.SupplierApplied applied ->
                put(suppliers, applied.supplier().name(), applied.supplier());
            case SettingEvent.ClassApplied applied ->
                put(classes, applied.acceleratorClass().name(), applied.acceleratorClass());
            case SettingEvent.QueueApplied applied ->
                put(queues, applied.queue().name(), applied.queue());
            case SettingEvent.OrderApplied applied ->
                put(orders, applied.order().name(), applied.order());
            case SettingEvent.PolicyApplied applied ->
                put(policies, applied.policy().name(), applied.policy());
            case SettingEvent.ObjectDeleted deleted -> delete(deleted.kind(), deleted.name());
        }
    }

    private <T> void put(Map<String, T> objects, String name, T object) {
        objects.put(name, object);
        objectsVersion++;
        observers.forEach(StateObserver::settingsChanged);
    }

    private void delete(ObjectKind kind, String name) {
        Object removed = switch (kind) {
            case SUPPLIER -> suppliers.remove(name);
            case ACCELERATOR_CLASS -> classes.remove(name);
            case QUEUE -> queues.remove(name);
            case SUPPLY_ORDER -> orders.remove(name);
            case SOURCING_POLICY -> policies.remove(name);
        };
        if (removed == null) {
            throw new IllegalStateException("no " + kind + " named " + name + " to delete");
        }
        objectsVersion++;
        observers.forEach(StateObserver::settingsChanged);
    }
}
