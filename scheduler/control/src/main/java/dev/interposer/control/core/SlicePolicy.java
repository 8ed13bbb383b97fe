package dev.interposer.control.core;

import java.util.List;

/**
 * When failures of some devices keep new work off others.
 *
 * @param attributes what devices may have in common that is at fault: versions of drivers and firmware
 * @param failedNodes so many nodes with a failed device of the same class and version; 0 for never
 * @param windowMicros within so long
 * @param mostPercent of the class's nodes; a version that more of them have is not kept from work as a whole
 */
public record SlicePolicy(List<String> attributes, int failedNodes, long windowMicros, int mostPercent) {
    public static final SlicePolicy DEFAULT =
            new SlicePolicy(List.of("driverVersion", "firmwareVersion"), 3, 3_600_000_000L, 50);

    public SlicePolicy {
        attributes = List.copyOf(attributes);
    }
}
