package dev.interposer.agent.metrics;

import dev.interposer.agent.driver.Reading;
import dev.interposer.proto.agent.v1.Device;
import java.util.Map;

/**
 * One device at a moment.
 *
 * @param device with its health
 * @param reading what it measured last; {@link Reading#NONE} if it measures nothing, or has not for a while
 * @param foreign processes on it that belong to no worker
 * @param signals how often each came
 */
public record DeviceFacts(Device device, Reading reading, int foreign, Map<SignalCounts.Of, Long> signals) {
    public DeviceFacts {
        signals = Map.copyOf(signals);
    }
}
