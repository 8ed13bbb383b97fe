package dev.interposer.engine.model;

import java.util.List;
import java.util.Map;

/**
 * Devices that are on their way.
 *
 * @param name unique
 * @param supplierName who delivers them
 * @param className what they are
 * @param deliveries lots, each with its date
 * @param confidencePercent how far the dates are to be believed, 0 to 100
 * @param receiveSelector labels of the nodes whose devices count as received; empty for none
 * @param state whether anything is still to come
 */
public record SupplyOrder(
        String name,
        String supplierName,
        String className,
        List<OrderDelivery> deliveries,
        int confidencePercent,
        Map<String, String> receiveSelector,
        OrderState state) {
    public SupplyOrder {
        deliveries = List.copyOf(deliveries);
        receiveSelector = SortedCopy.of(receiveSelector);
    }

    /** Devices over all lots. */
    public long devices() {
        return deliveries.stream().mapToLong(OrderDelivery::count).sum();
    }

    /**
     * A lot of an order.
     *
     * @param name unique in its order
     * @param count devices
     * @param promisedDate ISO date
     */
    public record OrderDelivery(String name, long count, String promisedDate) {}

    /** Whether an order still brings something. */
    public enum OrderState {
        ACTIVE,
        /** Everything that will come has come. */
        CLOSED,
        CANCELLED
    }
}
