package dev.interposer.agent.driver.nvml;

import dev.interposer.proto.agent.v1.Device;
import java.lang.foreign.MemorySegment;

/**
 * A device that may be given away, and how the library knows it.
 *
 * @param facts as they go into the inventory
 * @param handle of itself
 * @param chip of the whole chip; the same for one
 * @param instance id of its GPU instance; {@link #WHOLE} for a whole chip
 * @param startSlice first memory slice of its instance; {@link #WHOLE} if that is not known
 */
record Unit(Device facts, MemorySegment handle, MemorySegment chip, int instance, int startSlice) {
    static final int WHOLE = -1;

    String name() {
        return facts.getName();
    }

    /** Whether its chip was in MIG mode when the devices were listed. */
    boolean split() {
        return "enabled".equals(facts.getAttributesMap().get("migMode"));
    }

    boolean whole() {
        return facts.getParentName().isEmpty();
    }
}
