package dev.interposer.agent.watch;

import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Preparation;
import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.runtime.Loop;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The drivers of one node, each watched by itself, and what they say kept together. */
public final class DeviceWatch implements Preparation, AutoCloseable {
    private static final Logger LOG = System.getLogger(DeviceWatch.class.getName());
    private static final long SAVE_AGAIN_MILLIS = 5_000;

    private final NodeDevices devices;
    private final DeviceMemory memory;
    private final Loop loop;
    private final DriverWatch.Pace pace;
    private final Map<Driver, DriverWatch> watches = new LinkedHashMap<>();
    private final List<Driver> still = new ArrayList<>();
    /** Of the loop alone: drivers that have not answered yet. */
    private final List<Driver> silent = new ArrayList<>();

    /** Who answers for which device, and whether each driver has answered once; a worker may wait for it. */
    private final Owners owners = new Owners();

    private final Preparations preparations;
    /** Of the loop alone: what keeps drivers from answering; empty of one that answers, absent before the first. */
    private final Map<String, String> troubles = new TreeMap<>();

    private Runnable ready = () -> {};
    private long saveMillis = Long.MIN_VALUE;
    /** What was remembered may not be what is known now. */
    private boolean unsaved = true;

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
                watches.put(driver, new DriverWatch(driver, pace, loop, observer(driver), devices::strangers));
                silent.add(driver);
            }
        }
        owners.expect(silent);
        preparations = new Preparations(owners, pace.opening());
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
                observer(driver).found(driver, driver.devices());
            } catch (DriverException e) {
                throw new IllegalStateException("a still driver answers: " + driver.name(), e);
            }
        }
        if (watches.isEmpty()) {
            ready.run();
            return;
        }
        DeviceMemory.Remembered left =
                memory.load().of(watches.keySet().stream().map(Driver::name).collect(Collectors.toSet()));
        devices.remembered(left, nowMillis());
        this.ready = ready;
        watches.forEach((driver, watch) -> watch.start(devices.of(driver.name())));
        if (!left.devices().isEmpty() || silent.isEmpty()) {
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

    /** Whether anything runs on the node: else its devices are read less often. On the loop. */
    public void busy(boolean now) {
        watches.values().forEach(watch -> watch.busy(now));
    }

    /** On the loop, once a second. */
    public void tick() {
        if (watches.isEmpty()) {
            return;
        }
        watches.values().forEach(DriverWatch::look);
        forget();
        devices.tick(nowMillis());
        remember();
    }

    private void forget() {
        for (String device : memory.toForget()) {
            LOG.log(Level.INFO, "device {0}: what lasted on it is forgotten, as an operator said", device);
            devices.forget(device, nowMillis());
        }
    }

    private void remember() {
        // To compare a node's devices at each look was half of what an idle agent did.
        unsaved |= devices.stirred();
        if (!unsaved || nowMillis() < saveMillis) {
            return;
        }
        DeviceMemory.Remembered now = devices.toRemember();
        if (now.equals(saved) || memory.save(now)) {
            saved = now;
            unsaved = false;
        } else {
            saveMillis = nowMillis() + SAVE_AGAIN_MILLIS;
        }
    }

    /** What is told of another driver's device is not taken in. */
    private DriverWatch.Observer observer(Driver of) {
        return new DriverWatch.Observer() {
            @Override
            public void found(Driver driver, List<Device> found) {
                List<Device> own = devices.own(driver, found);
                owners.answered(driver, own);
                preparations.answered(driver);
                devices.found(driver, own, nowMillis());
                if (silent.remove(driver) && silent.isEmpty()) {
                    beReady();
                }
            }

            @Override
            public void read(String device, Reading reading, List<Long> strangers) {
                if (devices.isOf(of, device)) {
                    devices.read(device, reading, strangers, nowMillis());
                }
            }

            @Override
            public void happened(Signal signal) {
                if (devices.isOf(of, signal.device())) {
                    devices.happened(signal, nowMillis());
                }
            }

            @Override
            public void answers(Driver driver, String trouble) {
                String before = troubles.put(driver.name(), trouble);
                if (!trouble.isEmpty() && !trouble.equals(before)) {
                    LOG.log(Level.WARNING, "driver {0} does not answer: {1}", driver.name(), trouble);
                } else if (trouble.isEmpty() && before != null && !before.isEmpty()) {
                    LOG.log(Level.INFO, "driver {0} answers again", driver.name());
                }
            }
        };
    }

    @Override
    public Map<String, String> prepare(WorkerAssignment assignment) throws DriverException {
        // A worker that has chips of one maker must not find those of another.
        Map<String, String> environment = new HashMap<>(hidden());
        environment.putAll(preparations.prepare(assignment));
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
        preparations.unprepare(assignment);
    }

    /** Whether each driver that was asked answers, by name. On the loop. */
    public Map<String, Boolean> answering() {
        Map<String, Boolean> answering = new TreeMap<>();
        watches.keySet()
                .forEach(driver -> answering.put(
                        driver.name(), "".equals(troubles.getOrDefault(driver.name(), "it has not answered yet"))));
        return answering;
    }

    private static long nowMillis() {
        return System.nanoTime() / 1_000_000;
    }

    @Override
    public void close() {
        watches.values().forEach(DriverWatch::close);
    }
}
