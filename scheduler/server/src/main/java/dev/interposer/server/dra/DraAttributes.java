package dev.interposer.server.dra;

import dev.interposer.engine.model.DeviceReport;
import java.util.HashMap;
import java.util.Map;

/**
 * The attributes and capacities of a device in dynamic resource allocation, and how they stand in its report.
 *
 * <p>An attribute stands under its qualified name, {@code gpu.nvidia.com/productName}, with a value as {@link DraValue}
 * says; a capacity under {@code capacity/gpu.nvidia.com/memory}, as a quantity. A name without a domain is of the
 * driver's. Attributes without a slash are not of this kind: no expression sees them.
 */
public final class DraAttributes {
    private static final String SEPARATOR = "/";
    private static final String CAPACITY = "capacity/";
    private static final String SHARED = "dra/allowMultipleAllocations";

    private final String driver;
    private final Map<String, Map<String, Object>> attributes = new HashMap<>();
    private final Map<String, Map<String, Object>> capacities = new HashMap<>();
    private boolean shared;

    private DraAttributes(String driver) {
        this.driver = driver;
    }

    // ---- writing

    /** Where an attribute stands. */
    public static String attribute(String driver, String name) {
        return name.contains(SEPARATOR) ? name : driver + SEPARATOR + name;
    }

    /** Where a capacity stands. */
    public static String capacity(String driver, String name) {
        return CAPACITY + attribute(driver, name);
    }

    /** Where it stands that several claims may have the device at once, as {@link DraValue.Flag}. */
    public static String allowMultipleAllocations() {
        return SHARED;
    }

    // ---- reading

    static DraAttributes of(DeviceReport device) {
        DraAttributes read = new DraAttributes(device.dra().driver());
        device.attributes().forEach(read::read);
        return read;
    }

    private void read(String key, String text) {
        if (key.equals(SHARED)) {
            shared = Boolean.TRUE.equals(DraValue.of(text).value());
        } else if (key.startsWith(CAPACITY) && Quantity.isOne(text)) {
            put(capacities, key.substring(CAPACITY.length()), Quantity.parse(text));
        } else if (!key.startsWith(CAPACITY)) {
            put(attributes, key, DraValue.of(text).value());
        }
    }

    private static void put(Map<String, Map<String, Object>> byDomain, String qualified, Object value) {
        int slash = qualified.indexOf(SEPARATOR);
        if (slash > 0) {
            byDomain.computeIfAbsent(qualified.substring(0, slash), domain -> new HashMap<>())
                    .put(qualified.substring(slash + 1), value);
        }
    }

    String driver() {
        return driver;
    }

    /** By domain and name. */
    Map<String, Map<String, Object>> attributes() {
        return attributes;
    }

    /** Likewise; each a {@link Quantity}. */
    Map<String, Map<String, Object>> capacities() {
        return capacities;
    }

    boolean shared() {
        return shared;
    }
}
