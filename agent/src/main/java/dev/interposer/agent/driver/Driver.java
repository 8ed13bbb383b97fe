package dev.interposer.agent.driver;

import dev.interposer.proto.agent.v1.Device;
import java.util.List;

/** Knows the devices of one node. */
public interface Driver {
    /** All devices, in an order that stays. */
    List<Device> devices();

    /** Variable that lists chosen devices for the vendor's software, by their place on the node; empty for none. */
    String visibleDevicesVariable();
}
