package dev.interposer.agent.watch;

import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Reading.DeviceProcess;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.health.DeviceHealth;
import dev.interposer.agent.health.HealthPolicy;
import dev.interposer.agent.health.Verdict;
import dev.interposer.agent.metrics.DeviceFacts;
import dev.interposer.agent.metrics.SignalCounts;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.Health;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The devices of a node, whichever driver they are of: what they are, their health, what they measured last.
 *
 * <p>A device that was there once keeps its place, so that places in the inventory stay what they are; one that is gone
 * is listed with its cause. Of the loop alone.
 */
public final class NodeDevices {
    /** Told what changed. */
    public interface Listener {
        /** There are other devices than before, or one of them is another. */
        void inventoryChanged();

        void healthChanged(String device, Verdict verdict);
    }

    private static final class Known {
        private Device device;
        /** Null as long as nothing ever happened to it. */
        private @Nullable DeviceHealth health;

        private String driver;
        private Reading reading = Reading.NONE;
        private long readMillis;
        private int foreign;
        private final SignalCounts counts = new SignalCounts();
        /** What the listener heard last. */
        private Verdict told = Verdict.HEALTHY;

        Known(Device device, String driver) {
            this.device = device;
            this.driver = driver;
        }

        /** By its own signals. */
        Verdict own() {
            return health == null ? Verdict.HEALTHY : health.verdict();
        }
    }

    /** A device that hangs or is gone must not seem to be as it was when it last answered. */
    private static final long FRESH_MILLIS = 60_000;

    private final HealthPolicy policy;
    private final LongPredicate ours;
    private final Listener listener;
    private final Map<String, Known> devices = new LinkedHashMap<>();
    private boolean measures;
    /** Something may be to be remembered that was not before. */
    private boolean stirred;

    /**
     * @param ours whether a process belongs to a worker of this node; may wait for it, and is asked off the loop
     */
    public NodeDevices(HealthPolicy policy, LongPredicate ours, Listener listener) {
        this.policy = policy;
        this.ours = ours;
        this.listener = listener;
    }

    /** What an earlier agent knew; the devices are there until their drivers say otherwise. */
    void remembered(DeviceMemory.Remembered remembered, long nowMillis) {
        remembered.devices().forEach((driver, all) -> {
            for (Device device : all) {
                devices.put(device.getName(), new Known(bare(device), driver));
            }
        });
        remembered.facts().forEach(fact -> {
            Known known = devices.get(fact.device());
            if (known != null) {
                known.counts.remembered(fact);
            }
            happened(fact, nowMillis);
        });
    }

    /** All that a driver has now. */
    void found(Driver driver, List<Device> found, long nowMillis) {
        boolean changed = false;
        Set<String> names = new HashSet<>();
        for (Device device : found) {
            names.add(device.getName());
            changed |= there(driver.name(), bare(device), nowMillis);
        }
        if (changed) {
            listener.inventoryChanged();
        }
        List<String> missing = new ArrayList<>();
        devices.forEach((name, known) -> {
            if (known.driver.equals(driver.name()) && !names.contains(name)) {
                missing.add(name);
            }
        });
        missing.forEach(name -> happened(
                Signal.raised(name, Signal.Kind.GONE, "", driver.name() + " does not find it any more"), nowMillis));
    }

    /** A part of a chip is no better than the chip. */
    private Verdict verdict(Known known) {
        Verdict own = known.own();
        Known chip = devices.get(known.device.getParentName());
        if (chip == null || !chip.own().worseThan(own)) {
            return own;
        }
        return new Verdict(chip.own().health(), "its chip: " + chip.own().cause());
    }

    /** With its health. */
    private Device described(Known known) {
        Verdict verdict = verdict(known);
        return known.device.toBuilder()
                .setHealth(verdict.health())
                .setHealthCause(verdict.cause())
                .build();
    }

    /** The verdict on this one changed, and with it perhaps that on its parts. */
    private void judged(String name) {
        devices.forEach((each, known) -> {
            Verdict verdict = verdict(known);
            boolean concerned =
                    each.equals(name) || known.device.getParentName().equals(name);
            if (concerned && !verdict.equals(known.told)) {
                known.told = verdict;
                listener.healthChanged(each, verdict);
            }
        });
    }

    /** Health is not the driver's to say. */
    private static Device bare(Device device) {
        return device.toBuilder().clearHealth().clearHealthCause().build();
    }

    private boolean there(String driver, Device device, long nowMillis) {
        Known known = devices.get(device.getName());
        if (known == null) {
            devices.put(device.getName(), new Known(device, driver));
            stirred = true;
            return true;
        }
        boolean changed = !known.device.equals(device);
        stirred |= changed || !known.driver.equals(driver);
        known.device = device;
        known.driver = driver;
        happened(Signal.cleared(device.getName(), Signal.Kind.GONE, ""), nowMillis);
        return changed;
    }

    /** Processes that are of no worker here. Not on the loop: one that hangs takes its time to be told. */
    List<Long> strangers(Reading reading) {
        return reading.processes().stream()
                .map(DeviceProcess::pid)
                .filter(pid -> !ours.test(pid))
                .sorted()
                .toList();
    }

    /** What one measures now, and who uses it that is of no worker here. */
    void read(String device, Reading reading, List<Long> strangers, long nowMillis) {
        Known known = devices.get(device);
        if (known == null) {
            return;
        }
        known.reading = reading;
        known.readMillis = nowMillis;
        measures = true;
        happened(Signal.cleared(device, Signal.Kind.HANG, "reading"), nowMillis);
        known.foreign = strangers.size();
        happened(
                strangers.isEmpty()
                        ? Signal.cleared(device, Signal.Kind.FOREIGN_USE, "")
                        : Signal.raised(
                                device,
                                Signal.Kind.FOREIGN_USE,
                                "",
                                "process " + strangers.getFirst()
                                        + (strangers.size() == 1 ? "" : " and " + (strangers.size() - 1) + " more")
                                        + " of nobody here"),
                nowMillis);
    }

    void happened(Signal signal, long nowMillis) {
        Known known = devices.get(signal.device());
        if (known == null) {
            return;
        }
        known.counts.happened(signal);
        if (known.health == null && signal.cleared()) {
            return;
        }
        if (known.health == null) {
            known.health = new DeviceHealth(policy);
        }
        if (known.health.signal(signal, nowMillis)) {
            judged(signal.device());
        }
    }

    /** Time passes. */
    void tick(long nowMillis) {
        devices.forEach((name, known) -> {
            if (known.health != null && known.health.tick(nowMillis)) {
                judged(name);
            }
        });
    }

    /** All of them, with their health, in an order that stays. */
    public List<Device> inventory() {
        List<Device> all = new ArrayList<>();
        for (Known known : devices.values()) {
            all.add(described(known));
        }
        return all;
    }

    /** Names of the devices that a driver has, or had. */
    List<String> of(String driver) {
        List<String> names = new ArrayList<>();
        devices.forEach((name, known) -> {
            if (known.driver.equals(driver)) {
                names.add(name);
            }
        });
        return names;
    }

    /** Whether what is to be remembered may be another than at the last question; what is well stays what it was. */
    boolean stirred() {
        boolean was = stirred || devices.values().stream().anyMatch(known -> known.health != null);
        stirred = false;
        return was;
    }

    /** The devices with their drivers, and the facts that last until the machine restarts. */
    DeviceMemory.Remembered toRemember() {
        Map<String, List<Device>> byDriver = new TreeMap<>();
        List<Signal> facts = new ArrayList<>();
        devices.forEach((name, known) -> {
            byDriver.computeIfAbsent(known.driver, _ -> new ArrayList<>()).add(known.device);
            if (known.health != null) {
                facts.addAll(known.health.lasting(name));
            }
        });
        return new DeviceMemory.Remembered(byDriver, facts);
    }

    /** Whether one of them has failed. */
    public boolean anyFailed(Iterable<String> names) {
        for (String name : names) {
            Known known = devices.get(name);
            if (known != null && verdict(known).health() == Health.HEALTH_FAILED) {
                return true;
            }
        }
        return false;
    }

    /** What each measured last, by its place in the inventory; empty as long as none has measured anything. */
    public List<Measured> measured() {
        if (!measures) {
            return List.of();
        }
        List<Measured> all = new ArrayList<>();
        devices.forEach((name, known) -> all.add(new Measured(name, known.reading, known.foreign)));
        return all;
    }

    /** All that is known of each, for whoever watches the agent. */
    public List<DeviceFacts> facts(long nowMillis) {
        List<DeviceFacts> all = new ArrayList<>();
        for (Known known : devices.values()) {
            boolean fresh = nowMillis - known.readMillis <= FRESH_MILLIS;
            all.add(new DeviceFacts(
                    described(known), fresh ? known.reading : Reading.NONE, known.foreign, known.counts.counts()));
        }
        return all;
    }

    /**
     * What a device measured last.
     *
     * @param foreign processes that use it and belong to no worker
     */
    public record Measured(String device, Reading reading, int foreign) {}
}
