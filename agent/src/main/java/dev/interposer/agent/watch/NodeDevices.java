package dev.interposer.agent.watch;

import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Reading.DeviceProcess;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.health.DeviceHealth;
import dev.interposer.agent.health.Fading;
import dev.interposer.agent.health.Falls;
import dev.interposer.agent.health.HealthPolicy;
import dev.interposer.agent.health.Verdict;
import dev.interposer.agent.metrics.DeviceFacts;
import dev.interposer.agent.metrics.SignalCounts;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.Health;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The devices of a node, whichever driver they are of: what they are, their health, what they measured last.
 *
 * <p>A device that was there once keeps its place, so that places in the inventory stay what they are; one that is gone
 * is listed with its cause. Only a part of a chip that was taken away on purpose leaves. Of the loop alone.
 */
public final class NodeDevices {
    /** Told what changed. */
    public interface Listener {
        /** There are other devices than before, or one of them is another. */
        void inventoryChanged();

        void healthChanged(String device, Verdict verdict);

        /** It was taken away on purpose, and is in the inventory no more. */
        void left(String device);

        /** Whether a worker has it. */
        boolean inUse(String device);
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
        /** Why nobody knows how it is; empty if its driver listed it when it was last asked. */
        private String doubt = "";
        /** A part of a chip that was not listed when its driver was last asked. */
        private boolean missed;
        /** It was told that it is not there any more, and not that it is back. */
        private boolean gone;
        /** When its driver first listed it; {@link #NOT_YET} if this agent has not seen that. */
        private long foundMillis = NOT_YET;
        /** What the listener heard last. */
        private Verdict told = Verdict.HEALTHY;

        Known(Device device, String driver) {
            this.device = device;
            this.driver = driver;
        }

        /** By what happened to it alone. */
        Verdict own() {
            Verdict ofSignals = health == null ? Verdict.HEALTHY : health.verdict();
            Verdict doubtful = doubt.isEmpty() ? Verdict.HEALTHY : new Verdict(Health.HEALTH_SUSPECT, doubt);
            return doubtful.worseThan(ofSignals) ? doubtful : ofSignals;
        }

        DeviceHealth health(HealthPolicy policy) {
            DeviceHealth known = health;
            if (known == null) {
                known = new DeviceHealth(policy);
                health = known;
            }
            return known;
        }
    }

    private static final Logger LOG = System.getLogger(NodeDevices.class.getName());

    /** A device that hangs or is gone must not seem to be as it was when it last answered. */
    private static final long FRESH_MILLIS = 60_000;

    /** After a device is found: each state that it still is in was told by then, by whoever reads it. */
    static final long SETTLED_MILLIS = 30_000;

    private static final long NOT_YET = Long.MIN_VALUE;

    private final HealthPolicy policy;
    private final LongPredicate ours;
    private final Listener listener;
    private final Map<String, Known> devices = new LinkedHashMap<>();
    /** Names of the parts of each chip that has any. */
    private Map<String, List<String>> parts = Map.of();

    private final Bounds bounds = new Bounds();
    /** Driver and device of those that were left out and told. */
    private final Set<String> contested = new HashSet<>();

    private boolean measures;
    private long reads;
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

    /** What an earlier agent knew. Nobody knows how the devices are now, until their drivers say so. */
    void remembered(DeviceMemory.Remembered remembered, long nowMillis) {
        remembered.devices().forEach((driver, all) -> {
            for (Device device : all) {
                Device told = bounds.within(device);
                if (told == null) {
                    continue;
                }
                Known known = new Known(told, driver);
                known.doubt = "its driver has not answered since the agent began";
                devices.put(device.getName(), known);
            }
        });
        inherit(remembered.facts(), nowMillis);
        inherit(remembered.states(), nowMillis);
        for (Fading fading : remembered.fading()) {
            Known known = devices.get(fading.signal().device());
            if (known != null) {
                known.health(policy).inherit(fading, nowMillis);
            }
        }
        devices.forEach((name, known) -> {
            Falls falls = remembered.falls().getOrDefault(name, Falls.NONE);
            if (known.health != null || !falls.equals(Falls.NONE)) {
                known.health(policy).inherit(falls, nowMillis);
            }
        });
        partsChanged();
        devices.forEach((name, known) -> {
            known.told = verdict(known);
            if (known.told.worseThan(new Verdict(Health.HEALTH_SUSPECT, ""))) {
                listener.healthChanged(name, cut(known.told, Bounds.MOST_TEXT_BYTES));
            }
        });
    }

    private void inherit(List<Signal> signals, long nowMillis) {
        for (Signal signal : signals) {
            Known known = devices.get(signal.device());
            if (known != null) {
                known.counts.remembered(signal);
                known.gone |= signal.kind() == Signal.Kind.GONE;
                known.health(policy).inherit(signal, nowMillis);
            }
        }
    }

    /**
     * What a driver lists but for what another listed before: two that tell of one device would have it change hands
     * at each look. Stays so until the agent begins anew, for what a driver told of a device that was not its own was
     * not taken in.
     */
    List<Device> own(Driver driver, List<Device> found) {
        List<Device> own = new ArrayList<>();
        for (Device device : found) {
            Known known = devices.get(device.getName());
            if (known == null || known.foundMillis == NOT_YET || known.driver.equals(driver.name())) {
                own.add(device);
            } else if (contested.add(driver.name() + " " + device.getName())) {
                LOG.log(
                        Level.WARNING,
                        "device {0} of driver {1} is left out: driver {2} listed it first. Name it with one driver",
                        device.getName(),
                        driver.name(),
                        known.driver);
            }
        }
        return own;
    }

    /** Whether the device is the driver's own. */
    boolean isOf(Driver driver, String device) {
        Known known = devices.get(device);
        return known != null && known.driver.equals(driver.name());
    }

    /** All that a driver has now, without what is another's. */
    void found(Driver driver, List<Device> found, long nowMillis) {
        boolean changed = false;
        Set<String> names = new HashSet<>();
        Set<String> chips = new HashSet<>();
        for (Device device : found) {
            Device told = bounds.within(device);
            if (told != null && (devices.containsKey(told.getName()) || bounds.admits(described(), told))) {
                names.add(told.getName());
                chips.add(told.getParentName());
                changed |= there(driver.name(), told, nowMillis);
            }
        }
        while (changed && bounds.drop(described())) {
            stirred = true;
            devices.values().forEach(known -> known.device = Objects.requireNonNull(bounds.within(known.device)));
        }
        chips.remove("");
        List<String> missing = new ArrayList<>();
        devices.forEach((name, known) -> {
            if (known.driver.equals(driver.name()) && !names.contains(name)) {
                missing.add(name);
            }
        });
        for (String name : missing) {
            Known gone = known(name);
            String chip = gone.device.getParentName();
            boolean chipIsThere = !chip.isEmpty() && (names.contains(chip) || chips.contains(chip));
            if (chipIsThere || chips.contains(name)) {
                changed |= takenAway(name, gone);
            } else {
                String detail = driver.name() + " does not find it any more";
                happened(Signal.raised(name, Signal.Kind.GONE, "", detail), nowMillis);
            }
        }
        if (changed) {
            partsChanged();
            listener.inventoryChanged();
        }
        tellAll();
    }

    /**
     * A chip was split, or split otherwise: a part that is not there any more is no fault of anything. Not before it
     * was missed twice, for what runs on it is stopped.
     *
     * @return whether it has left
     */
    private boolean takenAway(String name, Known known) {
        if (!known.missed) {
            known.missed = true;
            known.doubt = known.driver + " does not list it any more, but its chip";
            return false;
        }
        remove(name);
        return true;
    }

    private void partsChanged() {
        Map<String, List<String>> ofChips = new HashMap<>();
        devices.forEach((name, known) -> {
            if (!known.device.getParentName().isEmpty()) {
                ofChips.computeIfAbsent(known.device.getParentName(), _ -> new ArrayList<>())
                        .add(name);
            }
        });
        parts = ofChips;
    }

    private List<Device> described() {
        return devices.values().stream().map(known -> known.device).toList();
    }

    private boolean there(String driver, Device device, long nowMillis) {
        Known known = devices.get(device.getName());
        if (known == null) {
            known = new Known(device, driver);
            known.foundMillis = nowMillis;
            devices.put(device.getName(), known);
            stirred = true;
            return true;
        }
        boolean changed = !known.device.equals(device);
        stirred |= changed || !known.driver.equals(driver);
        known.device = device;
        known.driver = driver;
        known.doubt = "";
        known.missed = false;
        if (known.foundMillis == NOT_YET) {
            known.foundMillis = nowMillis;
        }
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
        reads++;
        happened(Signal.cleared(device, Signal.Kind.HANG, "reading"), nowMillis);
        known.foreign = strangers.size();
        // A chip that is split lists the processes of all its parts, and each part its own.
        happened(
                strangers.isEmpty() || parts.containsKey(device)
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
        if (signal.kind() == Signal.Kind.GONE) {
            known.gone = !signal.cleared();
        }
        if (known.health == null && signal.cleared()) {
            return;
        }
        if (known.health(policy).signal(signal, nowMillis)) {
            tell(signal.device());
        }
    }

    /**
     * An operator says that what lasts on a device is mended, or that one which is gone will not come back, such as
     * one that has another name now.
     */
    void forget(String name, long nowMillis) {
        Known known = devices.get(name);
        if (known == null) {
            return;
        }
        if (known.gone && !listener.inUse(name)) {
            LOG.log(Level.INFO, "device {0} is gone and no worker has it: it leaves the inventory", name);
            remove(name);
            partsChanged();
            listener.inventoryChanged();
            tellAll();
        } else if (known.health != null && known.health.forget(nowMillis)) {
            tell(name);
        }
    }

    private void remove(String name) {
        devices.remove(name);
        stirred = true;
        listener.left(name);
    }

    /** Time passes. */
    void tick(long nowMillis) {
        List<String> changed = new ArrayList<>();
        devices.forEach((name, known) -> {
            if (known.health == null) {
                return;
            }
            boolean other = known.health.tick(nowMillis);
            if (known.foundMillis != NOT_YET && nowMillis - known.foundMillis >= SETTLED_MILLIS) {
                other |= known.health.disinherit(nowMillis);
            }
            if (other) {
                changed.add(name);
            }
        });
        changed.forEach(this::tell);
    }

    /** Tells what became of a device and, with it, of its parts. */
    private void tell(String name) {
        tellOne(name);
        parts.getOrDefault(name, List.of()).forEach(this::tellOne);
    }

    private void tellAll() {
        List.copyOf(devices.keySet()).forEach(this::tellOne);
    }

    private Known known(String name) {
        return Objects.requireNonNull(devices.get(name), name);
    }

    private void tellOne(String name) {
        Known known = known(name);
        Verdict now = verdict(known);
        if (!now.equals(known.told)) {
            known.told = now;
            listener.healthChanged(name, cut(now, Bounds.MOST_TEXT_BYTES));
        }
    }

    private static Verdict cut(Verdict verdict, int mostBytes) {
        return new Verdict(verdict.health(), Bounds.cut(verdict.cause(), mostBytes));
    }

    /** The worse of its own and its chip's: what befalls a chip befalls its parts, which alone take work. */
    private Verdict verdict(Known known) {
        Verdict own = known.own();
        Known chip = devices.get(known.device.getParentName());
        Verdict ofChip = chip == null ? Verdict.HEALTHY : chip.own();
        return ofChip.worseThan(own)
                ? new Verdict(ofChip.health(), "its chip " + known.device.getParentName() + ": " + ofChip.cause())
                : own;
    }

    /** With its health. */
    private Device described(Known known) {
        Verdict verdict = cut(verdict(known), Bounds.causeBytes(devices.size()));
        return known.device.toBuilder()
                .setHealth(verdict.health())
                .setHealthCause(verdict.cause())
                .build();
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

    /** The devices with their drivers, and what the next agent is to go on from. */
    DeviceMemory.Remembered toRemember() {
        Map<String, List<Device>> byDriver = new TreeMap<>();
        List<Signal> facts = new ArrayList<>();
        List<Signal> states = new ArrayList<>();
        List<Fading> fading = new ArrayList<>();
        Map<String, Falls> falls = new TreeMap<>();
        devices.forEach((name, known) -> {
            byDriver.computeIfAbsent(known.driver, _ -> new ArrayList<>()).add(known.device);
            if (known.health != null) {
                facts.addAll(known.health.lasting(name));
                states.addAll(known.health.standing(name));
                fading.addAll(known.health.fading(name));
                if (!known.health.falls().equals(Falls.NONE)) {
                    falls.put(name, known.health.falls());
                }
            }
        });
        return new DeviceMemory.Remembered(byDriver, facts, states, fading, falls);
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

    /** How many readings there were. */
    public long reads() {
        return reads;
    }

    /**
     * What each measures, by its place in the inventory; empty as long as none has measured anything. What was measured
     * more than a minute ago is not known.
     */
    public List<Measured> measured(long nowMillis) {
        if (!measures) {
            return List.of();
        }
        List<Measured> all = new ArrayList<>();
        devices.forEach((name, known) -> {
            boolean fresh = nowMillis - known.readMillis <= FRESH_MILLIS;
            all.add(fresh ? new Measured(name, known.reading, known.foreign) : new Measured(name, Reading.NONE, 0));
        });
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
