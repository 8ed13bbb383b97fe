package dev.interposer.server.kubernetes.inventory;

import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.DeviceReport.DraIdentity;
import dev.interposer.engine.model.Health;
import dev.interposer.server.dra.DraAttributes;
import dev.interposer.server.dra.DraValue;
import io.fabric8.kubernetes.api.model.resource.v1.Device;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceAttribute;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceCapacity;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceCounterConsumption;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceTaint;
import io.fabric8.kubernetes.api.model.resource.v1.ResourcePool;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSlice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Devices that a driver of dynamic resource allocation lists, each by its name.
 *
 * <p>Where devices share counters, the driver lists a chip and the parts into which it might be cut; the chip is the
 * device then, and how it may be cut is for its class to say. Of a pool only the newest generation counts.
 */
final class SlicedDevices {
    /** Of the device's name among those of its node. */
    private static final String SEPARATOR = "/";

    /** Of attributes and capacities together: further ones are left out. */
    private static final int MOST_ATTRIBUTES = 56;

    private final VendorTable vendors;
    private final NodeFacts facts;

    SlicedDevices(VendorTable vendors, NodeFacts facts) {
        this.vendors = vendors;
        this.facts = facts;
    }

    /** Drivers that list the devices of this node. */
    Set<String> drivers() {
        Set<String> drivers = new HashSet<>();
        facts.slices().forEach(slice -> drivers.add(slice.getSpec().getDriver()));
        return drivers;
    }

    List<DeviceReport> reports() {
        Map<String, List<ResourceSlice>> pools = new TreeMap<>();
        for (ResourceSlice slice : facts.slices()) {
            ResourcePool pool = slice.getSpec().getPool();
            pools.computeIfAbsent(slice.getSpec().getDriver() + SEPARATOR + pool.getName(), key -> new ArrayList<>())
                    .add(slice);
        }
        List<DeviceReport> reports = new ArrayList<>();
        pools.values().forEach(pool -> reports.addAll(pool(pool)));
        return reports;
    }

    private List<DeviceReport> pool(List<ResourceSlice> slices) {
        long newest = slices.stream()
                .mapToLong(slice -> slice.getSpec().getPool().getGeneration())
                .max()
                .orElse(0);
        List<ResourceSlice> current = slices.stream()
                .filter(slice -> slice.getSpec().getPool().getGeneration() == newest)
                .toList();
        long promised = current.getFirst().getSpec().getPool().getResourceSliceCount();
        String incomplete = current.size() >= promised
                ? ""
                : current.size() + " of the " + promised + " slices of its pool are there";
        Map<String, String> wholes = wholes(current);
        List<DeviceReport> reports = new ArrayList<>();
        for (ResourceSlice slice : current) {
            for (Device device : devices(slice)) {
                if (countersOf(device).stream().allMatch(set -> device.getName().equals(wholes.get(set)))) {
                    reports.add(report(slice, device, incomplete));
                }
            }
        }
        return reports;
    }

    /** Of each set of counters the name of the device that takes most of it. */
    private static Map<String, String> wholes(List<ResourceSlice> slices) {
        Map<String, String> wholes = new HashMap<>();
        Map<String, Long> most = new HashMap<>();
        for (ResourceSlice slice : slices) {
            for (Device device : devices(slice)) {
                for (DeviceCounterConsumption consumption : consumptions(device)) {
                    long taken = consumption.getCounters().entrySet().stream()
                            .mapToLong(counter -> PodResources.amount(
                                    counter.getKey(), counter.getValue().getValue()))
                            .sum();
                    if (taken > most.getOrDefault(consumption.getCounterSet(), -1L)) {
                        most.put(consumption.getCounterSet(), taken);
                        wholes.put(consumption.getCounterSet(), device.getName());
                    }
                }
            }
        }
        return wholes;
    }

    private static List<Device> devices(ResourceSlice slice) {
        List<Device> devices = slice.getSpec().getDevices();
        return devices == null ? List.of() : devices;
    }

    private static List<DeviceCounterConsumption> consumptions(Device device) {
        List<DeviceCounterConsumption> consumptions = device.getConsumesCounters();
        return consumptions == null ? List.of() : consumptions;
    }

    private static List<String> countersOf(Device device) {
        return consumptions(device).stream()
                .map(DeviceCounterConsumption::getCounterSet)
                .toList();
    }

    private DeviceReport report(ResourceSlice slice, Device device, String incomplete) {
        String driver = slice.getSpec().getDriver();
        String pool = slice.getSpec().getPool().getName();
        String name = String.join(SEPARATOR, driver, pool, device.getName());
        VendorRow row = vendors.ofDriver(driver);
        Health health = health(device, incomplete);
        return new DeviceReport(
                name,
                "",
                "",
                memory(device, driver),
                attributes(device, driver, row),
                row == null ? "" : facts.label(row.domainLabel()),
                new DraIdentity(driver, pool, device.getName()),
                health,
                health == Health.HEALTHY ? "" : cause(device, incomplete),
                facts.claimed().getOrDefault(name, ""));
    }

    /** A taint says what a cordon and a drain say of a node. */
    private static Health health(Device device, String incomplete) {
        if (hasTaint(device, "NoExecute")) {
            return Health.DRAINING;
        }
        return hasTaint(device, "NoSchedule") || !incomplete.isEmpty() ? Health.SUSPECT : Health.HEALTHY;
    }

    private static boolean hasTaint(Device device, String effect) {
        return taints(device).stream().anyMatch(taint -> effect.equals(taint.getEffect()));
    }

    private static List<DeviceTaint> taints(Device device) {
        List<DeviceTaint> taints = device.getTaints();
        return taints == null ? List.of() : taints;
    }

    private static String cause(Device device, String incomplete) {
        for (DeviceTaint taint : taints(device)) {
            String value = taint.getValue() == null ? "" : "=" + taint.getValue();
            return "tainted " + taint.getKey() + value + ":" + taint.getEffect();
        }
        return incomplete;
    }

    private static long memory(Device device, String driver) {
        Map<String, DeviceCapacity> capacity = device.getCapacity();
        if (capacity == null) {
            return 0;
        }
        DeviceCapacity memory = capacity.getOrDefault("memory", capacity.get(driver + SEPARATOR + "memory"));
        return memory == null || memory.getValue() == null ? 0 : PodResources.amount("memory", memory.getValue());
    }

    private static Map<String, String> attributes(Device device, String driver, @Nullable VendorRow row) {
        Map<String, String> attributes = new TreeMap<>();
        Map<String, DeviceAttribute> said = device.getAttributes() == null ? Map.of() : device.getAttributes();
        said.forEach((name, attribute) -> {
            DraValue value = value(attribute);
            if (value != null) {
                put(attributes, DraAttributes.attribute(driver, name), value.encoded());
            }
        });
        Map<String, DeviceCapacity> capacity = device.getCapacity() == null ? Map.of() : device.getCapacity();
        capacity.forEach((name, amount) -> {
            if (amount.getValue() != null) {
                String quantity = amount.getValue().toString();
                put(attributes, DraAttributes.capacity(driver, name), quantity);
            }
        });
        if (Boolean.TRUE.equals(device.getAllowMultipleAllocations())) {
            attributes.put(DraAttributes.allowMultipleAllocations(), new DraValue.Flag(true).encoded());
        }
        if (row != null) {
            attributes.put("vendor", row.vendor());
            for (String plain : row.attributes().keySet()) {
                DeviceAttribute attribute = said.getOrDefault(plain, said.get(DraAttributes.attribute(driver, plain)));
                DraValue value = attribute == null ? null : value(attribute);
                if (value != null) {
                    attributes.put(plain, value.plain());
                }
            }
        }
        return attributes;
    }

    private static void put(Map<String, String> attributes, String key, String value) {
        if (attributes.size() < MOST_ATTRIBUTES) {
            attributes.put(key, value);
        }
    }

    /** Null for one of a kind that is not known here, such as a list. */
    private static @Nullable DraValue value(DeviceAttribute attribute) {
        if (attribute.getVersion() != null) {
            return new DraValue.Version(attribute.getVersion());
        }
        if (attribute.getInt() != null) {
            return new DraValue.Whole(attribute.getInt());
        }
        if (attribute.getBool() != null) {
            return new DraValue.Flag(attribute.getBool());
        }
        return attribute.getString() == null ? null : new DraValue.Text(attribute.getString());
    }
}
