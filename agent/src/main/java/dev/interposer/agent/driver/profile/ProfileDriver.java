package dev.interposer.agent.driver.profile;

import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.driver.Standing;
import dev.interposer.agent.driver.profile.Profile.Find;
import dev.interposer.agent.driver.profile.Profile.HealthFile;
import dev.interposer.agent.driver.profile.Profile.Ids;
import dev.interposer.agent.driver.profile.Profile.Source;
import dev.interposer.agent.driver.sysfs.SysFiles;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** Devices that a profile describes. Health is looked at with each inventory and each reading. */
public final class ProfileDriver implements Driver {
    private static final Logger LOG = System.getLogger(ProfileDriver.class.getName());
    private static final int MOST_DEVICES = 1024;

    private final Profile profile;
    private final Path sysRoot;
    private final Path devRoot;
    private final Standing standing = new Standing();
    /** Of the thread that looks: what each address counted as when all were there. */
    private Map<String, Integer> indexes = Map.of();
    /** Of the same thread: whether one of them was missing once. */
    private boolean fell;

    /** Replaced as a whole: workers are made ready on another thread than the one that looks. */
    private volatile Map<String, FoundDevice> found = Map.of();

    private ProfileDriver(Profile profile, Path sysRoot, Path devRoot) {
        this.profile = profile;
        this.sysRoot = sysRoot;
        this.devRoot = devRoot;
    }

    /**
     * A driver by a profile file.
     *
     * @param sysRoot where sysfs is, {@code /sys} on a real node
     * @param devRoot where the device nodes are, {@code /dev} on a real node
     */
    public static ProfileDriver open(Path profile, Path sysRoot, Path devRoot) throws ConfigException {
        return new ProfileDriver(ProfileFile.read(profile), sysRoot, devRoot);
    }

    @Override
    public String name() {
        return profile.name();
    }

    @Override
    public List<Device> devices() throws DriverException {
        Map<String, FoundDevice> now = find();
        found.keySet().stream().filter(name -> !now.containsKey(name)).forEach(standing::forget);
        found = now;
        List<Device> devices = new ArrayList<>();
        for (FoundDevice device : now.values()) {
            devices.add(described(device));
            lookAtHealth(device);
        }
        return devices;
    }

    @Override
    public Reading read(String device) throws DriverException {
        FoundDevice chosen = present(device);
        lookAtHealth(chosen);
        double utilization = chosen.number(profile.metrics().utilization());
        return new Reading(
                (int) Math.min(1000, whole(utilization * 1000)),
                whole(chosen.number(profile.metrics().memoryUsed())),
                (int) whole(chosen.number(profile.metrics().temperature())),
                whole(chosen.number(profile.metrics().power()) * 1000),
                List.of());
    }

    @Override
    public void listen(Consumer<Signal> signals) {
        standing.listen(signals);
    }

    @Override
    public Map<String, String> hidden() {
        String variable = profile.visible().variable();
        return variable.isEmpty() ? Map.of() : Map.of(variable, "");
    }

    @Override
    public Map<String, String> prepare(WorkerAssignment assignment) throws DriverException {
        List<String> listed = new ArrayList<>();
        for (String name : assignment.getDeviceNamesList()) {
            FoundDevice device = present(name);
            for (String node : nodes(device)) {
                if (!Files.exists(devRoot.resolve(node.substring("/dev/".length())))) {
                    throw new DriverException(node + " of device " + name + " is missing. Maybe the kernel driver of "
                            + profile.name() + " is not loaded?");
                }
            }
            listed.add(profile.visible().byName() ? name : Integer.toString(device.index()));
        }
        String variable = profile.visible().variable();
        return variable.isEmpty() ? Map.of() : Map.of(variable, String.join(",", listed));
    }

    private FoundDevice present(String name) throws DriverException {
        FoundDevice device = found.get(name);
        if (device == null) {
            throw new DriverException("device " + name + " is none that profile " + profile.name() + " found: "
                    + (found.isEmpty() ? "it found none" : String.join(", ", found.keySet())));
        }
        if (!Files.isDirectory(device.folder())) {
            throw new DriverException("device " + name + " is gone: " + device.folder() + " is not there any more");
        }
        return device;
    }

    private Device described(FoundDevice device) {
        Device.Builder described = Device.newBuilder()
                .setName(device.name())
                .setMemoryBytes(Math.max(0, whole(device.number(profile.memory()))))
                .setScaleUpDomain(device.text(profile.scaleUpDomain()))
                .putAttributes("vendor", profile.vendor())
                .putAttributes("model", profile.model())
                .putAttributes("driver", profile.name());
        profile.attributes().forEach((key, source) -> {
            String value = device.text(source);
            if (!value.isEmpty()) {
                described.putAttributes(key, value);
            }
        });
        String numaNode = device.text(profile.numaNode());
        // Minus one is how the kernel says that it does not know.
        if (numaNode.matches("\\d+")) {
            described.putAttributes("numaNode", numaNode);
        }
        if (!profile.deviceNodes().isEmpty()) {
            described.putAttributes("deviceNodes", String.join(",", nodes(device)));
        }
        return described.build();
    }

    private List<String> nodes(FoundDevice device) {
        return profile.deviceNodes().stream().map(device::filled).toList();
    }

    private void lookAtHealth(FoundDevice device) {
        HealthFile health = profile.health();
        if (health.file().isEmpty()) {
            return;
        }
        Path file = device.file(health.file());
        String says;
        try {
            says = SysFiles.text(file);
        } catch (IOException e) {
            reported(device, "failed", health.file() + " can't be read: " + e);
            return;
        }
        String quoted = health.file() + " says '" + (says.length() > 200 ? says.substring(0, 200) + "…" : says) + "'";
        if (health.failed().matcher(says).matches()) {
            reported(device, "failed", quoted);
        } else if (health.degraded().matcher(says).matches()) {
            reported(device, "degraded", quoted);
        } else if (health.healthy().matcher(says).matches()) {
            standing.clear(device.name(), Signal.Kind.REPORTED);
        } else {
            reported(device, "degraded", quoted + ", which profile " + profile.name() + " does not know");
        }
    }

    private void reported(FoundDevice device, String code, String detail) {
        standing.raise(Signal.raised(device.name(), Signal.Kind.REPORTED, code, detail));
    }

    private Map<String, FoundDevice> find() throws DriverException {
        List<Path> folders = switch (profile.find()) {
            // By text: addresses are hexadecimal, of one length.
            case Find.Pci pci ->
                SysFiles.entries(sysRoot.resolve("bus/pci/devices")).stream()
                        .sorted()
                        .filter(folder -> matches(pci.ids(), folder))
                        .toList();
            case Find.SysClass sysClass ->
                SysFiles.entries(sysRoot.resolve("class").resolve(sysClass.className())).stream()
                        .filter(folder -> sysClass.entries()
                                .matcher(folder.getFileName().toString())
                                .matches())
                        .filter(folder -> matches(sysClass.ids(), folder.resolve("device")))
                        .toList();
        };
        if (folders.size() > MOST_DEVICES) {
            throw new DriverException("profile " + profile.name() + " finds " + folders.size() + " devices, more than "
                    + MOST_DEVICES + ". Maybe find is too wide?");
        }
        indexes = indexes(folders.stream().map(this::address).toList());
        Map<String, FoundDevice> devices = new LinkedHashMap<>();
        for (int index = 0; index < folders.size(); index++) {
            FoundDevice device = named(new FoundDevice(
                    "", index(folders.get(index)), address(folders.get(index)), folders.get(index), sysRoot));
            if (device.name().isEmpty()) {
                LOG.log(
                        Level.WARNING,
                        "profile {0} leaves out {1}: its identity can''t be read",
                        profile.name(),
                        device.folder());
                continue;
            }
            FoundDevice twin = devices.put(device.name(), device);
            if (twin != null) {
                throw new DriverException("identity of profile " + profile.name() + " names two devices "
                        + device.name() + ": " + twin.folder() + " and " + device.folder());
            }
        }
        return devices;
    }

    private int index(Path folder) {
        return Objects.requireNonNull(indexes.get(address(folder)));
    }

    /**
     * Their ranks. Once one has fallen off those behind it keep theirs, as the kernel keeps the names of their files;
     * what comes then counts on.
     */
    private Map<String, Integer> indexes(List<String> present) {
        Map<String, Integer> now = new HashMap<>();
        fell |= !present.containsAll(indexes.keySet());
        if (!fell) {
            present.forEach(address -> now.putIfAbsent(address, now.size()));
            return now;
        }
        now.putAll(indexes);
        int next = indexes.values().stream().mapToInt(index -> index + 1).max().orElse(0);
        for (String address : present) {
            if (now.putIfAbsent(address, next) == null) {
                next++;
            }
        }
        return now;
    }

    private FoundDevice named(FoundDevice device) {
        String name = profile.identity().equals(Source.NONE) ? device.address() : device.text(profile.identity());
        String plain = name.replaceAll("[^A-Za-z0-9._:-]", "-");
        return new FoundDevice(plain, device.index(), device.address(), device.folder(), device.sysRoot());
    }

    private String address(Path folder) {
        return switch (profile.find()) {
            case Find.Pci pci -> folder.getFileName().toString();
            case Find.SysClass sysClass -> {
                try {
                    yield folder.resolve("device").toRealPath().getFileName().toString();
                } catch (IOException e) {
                    yield folder.getFileName().toString();
                }
            }
        };
    }

    private static boolean matches(Ids ids, Path folder) {
        boolean vendor = ids.vendor() == Ids.ANY || SysFiles.number(folder.resolve("vendor"), Ids.ANY) == ids.vendor();
        return vendor
                && (ids.devices().isEmpty() || ids.devices().contains(SysFiles.number(folder.resolve("device"), -1)));
    }

    private static long whole(double value) {
        return !Double.isFinite(value) || value < 0 ? Reading.UNKNOWN : Math.round(value);
    }
}
