package dev.interposer.market;

import dev.interposer.engine.model.SupplyOrder;
import dev.interposer.engine.model.SupplyOrder.OrderDelivery;
import dev.interposer.engine.model.SupplyOrder.OrderState;
import dev.interposer.engine.state.State;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * Chip-seconds that orders bring within a horizon.
 *
 * <p>What has come counts against the lots in their order. A lot whose day has passed is late, and counts nothing until
 * it is there; one that is to come counts from its day on, by the order's confidence.
 */
final class Deliveries {
    private static final long MICROS = 1_000_000;

    private Deliveries() {}

    /** Thousandths of chips × seconds of a class. */
    static long ahead(State state, String className, long horizonSeconds) {
        long nowSeconds = state.atMicros() / MICROS;
        long sum = 0;
        for (SupplyOrder order : state.settings().orders()) {
            if (order.state() != OrderState.ACTIVE || !order.className().equals(className)) {
                continue;
            }
            long received = received(state, order);
            for (OrderDelivery delivery : order.deliveries()) {
                long missing = Math.max(0, delivery.count() - received);
                received = Math.max(0, received - delivery.count());
                long day = LocalDate.parse(delivery.promisedDate())
                        .atStartOfDay(ZoneOffset.UTC)
                        .toEpochSecond();
                long there = day < nowSeconds ? 0 : Math.max(0, nowSeconds + horizonSeconds - day);
                sum += missing * 10 * order.confidencePercent() * there;
            }
        }
        return sum;
    }

    /** Chips of the order's class on the nodes that it names as its own. */
    static long received(State state, SupplyOrder order) {
        if (order.receiveSelector().isEmpty()) {
            return 0;
        }
        return state.nodes().all().stream()
                .filter(node -> node.info()
                        .labels()
                        .entrySet()
                        .containsAll(order.receiveSelector().entrySet()))
                .flatMap(node -> node.devices().stream())
                .filter(device -> device.className().equals(order.className()))
                .count();
    }
}
