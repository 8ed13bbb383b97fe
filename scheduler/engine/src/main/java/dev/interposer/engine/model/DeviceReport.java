package dev.interposer.engine.model;

import java.util.Map;

/**
 * A device as its agent or its cluster reports it.
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
 * @param foreign who outside of this fleet's ledger uses it, such as {@code namespace/pod}; empty for nobody. It takes
 *     no new work meanwhile, and what already runs there goes on
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
        String healthCause,
        String foreign) {
    public DeviceReport {
        attributes = SortedCopy.of(attributes);
    }

    /** Of one that nobody else uses. */
    public DeviceReport(
            String name,
            String parentName,
            String partition,
            long memoryBytes,
            Map<String, String> attributes,
            String scaleUpDomain,
            DraIdentity dra,
            Health health,
            String healthCause) {
        this(name, parentName, partition, memoryBytes, attributes, scaleUpDomain, dra, health, healthCause, "");
    }

    public static DeviceReport of(String name, String model) {
        return new DeviceReport(name, "", "", 0, Map.of("model", model), "", DraIdentity.NONE, Health.HEALTHY, "");
    }

    /** The same device with another health. */
    public DeviceReport withHealth(Health other, String cause) {
        return new DeviceReport(
                name, parentName, partition, memoryBytes, attributes, scaleUpDomain, dra, other, cause, foreign);
    }

    /** The same device in use by somebody outside of the fleet's ledger, or by nobody such. */
    public DeviceReport usedBy(String who) {
        return new DeviceReport(
                name, parentName, partition, memoryBytes, attributes, scaleUpDomain, dra, health, healthCause, who);
    }

    /** Whether somebody outside of the fleet's ledger uses it. */
    public boolean isForeign() {
        return !foreign.isEmpty();
    }

    /** Whether it may take new work, once what it has ends. */
    public boolean takesWork() {
        return health == Health.HEALTHY && !isForeign();
    }

    /** Name of a device in dynamic resource allocation. */
    public record DraIdentity(String driver, String pool, String name) {
        public static final DraIdentity NONE = new DraIdentity("", "", "");
    }
}
