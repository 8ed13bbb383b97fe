package dev.interposer.server.kubernetes.inventory;

import java.util.Map;

/**
 * How one maker's chips are seen in Kubernetes; texts are empty where there is no such thing.
 *
 * @param vendor attribute of the devices
 * @param resource what the device plugin offers, one for each chip
 * @param partitions what resources of parts of a chip begin with
 * @param driver of dynamic resource allocation
 * @param attributes of the devices: their names, and the labels of the node that say them
 * @param partitionMark in the product's name, after which the name of a partition stands: each resource is a part then
 * @param memoryLabel label with the memory of one chip
 * @param memoryUnit of a memory without one
 * @param replicasLabel label with the number of resources that one chip is offered as
 * @param domainLabel label with the name of the scale-up domain
 */
public record VendorRow(
        String vendor,
        String resource,
        String partitions,
        String driver,
        Map<String, String> attributes,
        String partitionMark,
        String memoryLabel,
        String memoryUnit,
        String replicasLabel,
        String domainLabel) {
    /** Attribute with the name under which the maker sells the chip. */
    static final String PRODUCT = "productName";

    public VendorRow {
        attributes = Map.copyOf(attributes);
    }
}
