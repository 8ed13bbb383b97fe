package dev.interposer.engine.model;

import java.util.Map;

/**
 * A device as its agent reports it.
 *
 * @param name stable within its node, such as the UUID of a GPU
 * @param parentName the whole chip that it is a partition of; empty for a whole chip
 * @param partition name of its partition profile; empty for a whole chip
 * @param memoryBytes measured memory
 * @param attributes what the driver knows: {@code model}, {@code productName}, {@code vendor}, {@code driverVersion} …
 * @param scaleUpDomain name of its scale-up domain in the cluster; empty for the node alone
 * @param dra its name in Kubernetes dynamic resource allocation
 * @param health damped health
 * @param healthCause why it is not healthy; empty if it is
 */
public record DeviceReport(
        String name,
        String parentName,
        String partition,
        long memoryBytes,
        Map<String, String> attributes,
        String scaleUpDomain,
        DraIdentity dra,
        Health health,
        String healthCause) {
    public DeviceReport {
        attributes = SortedCopy.of(attributes);
    }

    public static DeviceReport of(String name, String model) {
        return new DeviceReport(name, "", "", 0, Map.of("model", model), "", DraIdentity.NONE, Health.HEALTHY, "");
    }

    /** The same device with another health. */
    public DeviceReport withHealth(Health other, String cause) {
        return new DeviceReport(name, parentName, partition, memoryBytes, attributes, scaleUpDomain, dra, other, cause);
    }

    /** Name of a device in dynamic resource allocation. */
    public record DraIdentity(String driver, String pool, String name) {
        public static final DraIdentity NONE = new DraIdentity("", "", "");
    }
}
