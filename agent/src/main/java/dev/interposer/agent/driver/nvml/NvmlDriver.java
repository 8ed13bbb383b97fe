package dev.interposer.agent.driver.nvml;

import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Signal;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** NVIDIA's devices. What is polled for signals is looked at whenever a whole chip is read. */
final class NvmlDriver implements Driver {
    private static final Logger LOG = System.getLogger(NvmlDriver.class.getName());
    private static final long CLOSE_MILLIS = 2_000;

    private final Library library;
    private final long closeMillis;
    private final Inventory inventory;
    private final Queries queries;
    private final Gauges gauges;
    private final Watch watch;
    private final Events events;

    /**
     * All that were ever seen, but for partitions that were taken away. Replaced as a whole: workers are made ready on
     * another thread than the one that looks.
     */
    private volatile Map<String, Unit> known = Map.of();

    NvmlDriver(Library library, NvmlConfig config, LongSupplier nanos) {
        this.library = library;
        this.queries = new Queries(library);
        this.closeMillis = CLOSE_MILLIS + 2L * config.eventWaitMillis();
        this.inventory = new Inventory(queries, config.sysfsRoot());
        this.gauges = new Gauges(queries);
        this.watch = new Watch(nanos, config.correctedErrorsPerMinute());
        this.events = new Events(library, config.eventWaitMillis(), watch::tell);
    }

    @Override
    public String name() {
        return "nvml";
    }

    @Override
    public List<Device> devices() throws DriverException {
        Map<String, Unit> present = inventory.look();
        Map<String, Unit> all = new LinkedHashMap<>(known);
        for (Unit unit : known.values()) {
            boolean chipPresent =
                    unit.whole() || present.containsKey(unit.facts().getParentName());
            if (present.containsKey(unit.name())) {
                watch.back(unit.name());
            } else if (unit.whole() || !chipPresent) {
                watch.left(unit.name(), "the library does not list it any more");
            } else {
                // An instance that was taken away on purpose.
                all.remove(unit.name());
                watch.back(unit.name());
            }
        }
        all.putAll(present);
        known = Collections.unmodifiableMap(all);
        events.know(present.values());
        return present.values().stream().map(Unit::facts).toList();
    }

    @Override
    public Reading read(String device) throws DriverException {
        Unit unit = known(device);
        queries.begin();
        try {
            Health.Known split = unit.whole() ? gauges.split(unit.handle()) : Health.Known.UNKNOWN;
            Reading reading = gauges.read(unit, split);
            if (unit.whole()) {
                watch.look(device, gauges.health(unit.handle(), split, hasInstances(device)));
            }
            watch.back(device);
            if (queries.answered() || queries.ailing() == Code.RESET_REQUIRED) {
                watch.mustBeReset(device, queries.ailing() == Code.RESET_REQUIRED);
            }
            if (!queries.answered() && queries.ailing() != Code.SUCCESS) {
                // Such as one whose own processor has died: that nothing is known of it must not pass for health.
                throw new DriverException(
                        "device (" + device + ") answers nothing that it is asked: " + Code.words(queries.ailing()));
            }
            return reading;
        } catch (DeviceLostException e) {
            known.values().stream()
                    .filter(other -> other.chip().equals(unit.chip()))
                    .forEach(other -> watch.gone(other.name(), e.words()));
            throw new DriverException("device (" + device + ") can't be read: " + e.getMessage(), e);
        }
    }

    private boolean hasInstances(String chip) {
        return known.values().stream()
                .anyMatch(other -> other.facts().getParentName().equals(chip));
    }

    private Unit known(String device) throws DriverException {
        Unit unit = known.get(device);
        if (unit == null) {
            throw new DriverException(
                    "device (" + device + ") is none of " + known.keySet() + ". Ask for the devices anew");
        }
        return unit;
    }

    @Override
    public void listen(Consumer<Signal> signals) {
        watch.listen(signals);
        events.start();
    }

    @Override
    public Map<String, String> hidden() {
        return Nvml.HIDDEN;
    }

    @Override
    public Map<String, String> prepare(WorkerAssignment assignment) throws DriverException {
        if (assignment.getDeviceNamesCount() == 0) {
            return Map.of();
        }
        List<String> names = new ArrayList<>();
        for (String device : assignment.getDeviceNamesList()) {
            Unit unit = known(device);
            boolean whole = !unit.whole() || assignment.getPartition().isEmpty();
            if (unit.whole() && whole && unit.split()) {
                throw new DriverException("device (" + device + ") is in MIG mode, where programs find its instances"
                        + " alone, and was given whole. Maybe end the mode with nvidia-smi -mig 0?");
            }
            names.add(whole ? device : part(unit, assignment.getPartition(), assignment.getPartitionStart()));
        }
        String visible = String.join(",", names);
        return Map.of(
                "CUDA_VISIBLE_DEVICES", visible,
                "CUDA_DEVICE_ORDER", "PCI_BUS_ID",
                "NVIDIA_VISIBLE_DEVICES", visible);
    }

    /** A scheduler that splits chips itself names the chip and the place; here an instance must lie there already. */
    private String part(Unit chip, String partition, int start) throws DriverException {
        return known.values().stream()
                .filter(unit -> unit.facts().getParentName().equals(chip.name()))
                .filter(unit -> unit.facts().getPartition().equals(partition) && unit.startSlice() == start)
                .map(Unit::name)
                .findFirst()
                .orElseThrow(() -> new DriverException("device (" + chip.name() + ") has no instance " + partition
                        + " at slice " + start + ". Make one with nvidia-smi mig -cgi " + partition + ":" + start
                        + " -C"));
    }

    /** Does not wait for a call that hangs: the library then stays as it is until the process ends. */
    @Override
    public void close() {
        watch.close();
        events.close(closeMillis / 2);
        if (!library.close(closeMillis / 2)) {
            LOG.log(Level.WARNING, "nvml: {0} did not end in {1} ms and is left as it is", library.name(), closeMillis);
        }
    }
}
