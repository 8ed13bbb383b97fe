package dev.interposer.market;

import dev.interposer.engine.sourcing.SupplyCounters.Count;

/** Which chips a share is a share of. */
public enum Measure {
    INSTALLED,
    HEALTHY,
    ALLOCATED;

    /** Thousandths of chips. */
    public long of(Count count) {
        return switch (this) {
            case INSTALLED -> count.installedMilli();
            case HEALTHY -> count.healthyMilli();
            case ALLOCATED -> count.allocatedMilli();
        };
    }
}
