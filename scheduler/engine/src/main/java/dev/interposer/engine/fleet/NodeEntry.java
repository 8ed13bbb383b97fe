package dev.interposer.engine.fleet;

/** What one node has of one class, side by side in memory: whoever looks at one number looks at the others too. */
final class NodeEntry {
    final int chipClass;
    /** In the pool of the class. */
    int place;

    /** Whole devices that are free; 1 for a host of work without devices. */
    int free;

    /** Devices that may take new work, now or when what they have ends. */
    int usable;

    /** Devices to which something is bound. */
    int busy;

    /** What partly taken devices can still hold, as bits; see {@link Pool}. */
    long kinds;

    NodeEntry(int chipClass) {
        this.chipClass = chipClass;
    }

    /** 1 if some device is partly taken and has room, else 0. */
    int partial() {
        return kinds == 0 ? 0 : 1;
    }

    boolean hasAny() {
        return free > 0 || kinds != 0;
    }
}
