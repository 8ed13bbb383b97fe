package dev.interposer.agent.watch;

import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Preparation;
import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.runtime.Loop;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The drivers of one node, each watched by itself, and what they say kept together. */
public final class DeviceWatch implements Preparation, AutoCloseable {
    private final NodeDevices devices;
    private final DeviceMemory memory;
    private final Loop loop;
    private final DriverWatch.Pace pace;
    private final DriverWatch.Observer observer = observer();
    private final Map<Driver, DriverWatch> watches = new LinkedHashMap<>();
    private final List<Driver> still = new ArrayList<>();
    /** Of the loop alone: drivers that have not answered yet. */
    private final List<Driver> silent = new ArrayList<>();

    private volatile Map<String, Driver> owners = Map.of();
    private Runnable ready = () -> {};
    private DeviceMemory.Remembered saved = DeviceMemory.Remembered.NOTHING;

    public DeviceWatch(List<Driver> drivers, NodeDevices devices, DeviceMemory memory, Loop loop) {
        this(drivers, devices, memory, loop, DriverWatch.Pace.STANDARD);
    }

    DeviceWatch(List<Driver> drivers, NodeDevices devices, DeviceMemory memory, Loop loop, DriverWatch.Pace pace) {
        this.devices = devices;
        this.memory = memory;
        this.loop = loop;
        this.pace = pace;
        for (Driver driver : drivers) {
            if (driver.still()) {
                still.add(driver);
            } else {
                watches.put(driver, new DriverWatch(driver, pace, loop, observer, devices::strangers));
                silent.add(driver);
            }
        }
    }

    /**
     * Begins. On the loop.
     *
     * @param ready run on the loop, once, when the node can say what devices it has: at once if an earlier agent left
     *     word, else when each driver has answered or hangs
     */
    public void start(Runnable ready) {
        for (Driver driver : still) {
            try {
                observer.found(driver, driver.devices());
            } catch (DriverException e) {
                throw new IllegalStateException("a still driver answers: " + driver.name(), e);
            }
        }
        if (watches.isEmpty()) {
            ready.run();
            return;
        }
        saved = memory.load();
        devices.remembered(saved, nowMillis());
        this.ready = ready;
        watches.forEach((driver, watch) -> watch.start(devices.of(driver.name())));
        if (!saved.devices().isEmpty() || silent.isEmpty()) {
            beReady();
        } else {
            Duration longest = pace.deadline();
            loop.after(longest.toMillis(), this::beReady);
        }
    }

    private void beReady() {
        Runnable once = ready;
        ready = () -> {};
        once.run();
    }

    /** On the loop, several times a second. */
    public void tick() {
        if (watches.isEmpty()) {
            return;
        }
        watches.values().forEach(DriverWatch::look);
        devices.tick(nowMillis());
        remember();
    }

    private void remember() {
        // To compare a node's devices five times a second was half of what an idle agent did.
        if (!devices.stirred()) {
            return;
        }
        DeviceMemory.Remembered now = devices.toRemember();
        if (!now.equals(saved)) {
            saved = now;
            memory.save(now);
        }
    }

    private DriverWatch.Observer observer() {
        return new DriverWatch.Observer() {
            @Override
            public void found(Driver driver, List<Device> found) {
                Map<String, Driver> fresh = new HashMap<>(owners);
                fresh.values().removeIf(owner -> owner.equals(driver));
                found.forEach(device -> fresh.put(device.getName(), driver));
                owners = Map.copyOf(fresh);
                devices.found(driver, found, nowMillis());
                if (silent.remove(driver) && silent.isEmpty()) {
                    beReady();
                }
            }

            @Override
            public void read(String device, Reading reading, List<Long> strangers) {
                devices.read(device, reading, strangers, nowMillis());
            }

            @Override
            public void happened(Signal signal) {
                devices.happened(signal, nowMillis());
            }
        };
    }

    @Override
    public Map<String, String> prepare(WorkerAssignment assignment) throws DriverException {
        // A worker that has chips of one maker must not find those of another.
        Map<String, String> environment = new HashMap<>(hidden());
        for (Map.Entry<Driver, WorkerAssignment> part : parts(assignment).entrySet()) {
            environment.putAll(part.getKey().prepare(part.getValue()));
        }
        return environment;
    }

    @Override
    public Map<String, String> hidden() {
        Map<String, String> environment = new HashMap<>();
        still.forEach(driver -> environment.putAll(driver.hidden()));
        watches.keySet().forEach(driver -> environment.putAll(driver.hidden()));
        return environment;
    }

    @Override
    public void unprepare(WorkerAssignment assignment) throws DriverException {
        for (Map.Entry<Driver, WorkerAssignment> part : parts(assignment).entrySet()) {
            part.getKey().unprepare(part.getValue());
        }
    }

    /** The assignment as each driver shall see it: with its own devices alone. */
    private Map<Driver, WorkerAssignment> parts(WorkerAssignment assignment) throws DriverException {
        Map<Driver, WorkerAssignment.Builder> parts = new LinkedHashMap<>();
        for (String device : assignment.getDeviceNamesList()) {
            Driver owner = owners.get(device);
            if (owner == null) {
                throw new DriverException("device " + device + " is not there, or its driver does not answer");
            }
            parts.computeIfAbsent(owner, _ -> assignment.toBuilder().clearDeviceNames())
                    .addDeviceNames(device);
        }
        Map<Driver, WorkerAssignment> built = new LinkedHashMap<>();
        parts.forEach((driver, part) -> built.put(driver, part.build()));
        return built;
    }

    private static long nowMillis() {
        return System.nanoTime() / 1_000_000;
    }

    @Override
    public void close() {
        watches.values().forEach(DriverWatch::close);
    }
}
