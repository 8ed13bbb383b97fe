package dev.interposer.engine.sourcing;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.Partition;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Role;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** How many thousandths of a chip something is: a device, a partition, what a worker asks for. */
public final class ChipShare {
    public static final int CHIP = 1000;

    private ChipShare() {}

    /**
     * A device of a node. A partition counts by its slots; a chip that is there beside its own partitions counts 0,
     * since they are it.
     */
    public static int of(@Nullable AcceleratorClass chipClass, Device device, Collection<Device> onNode) {
        if (!device.report().parentName().isEmpty()) {
            return ofPartition(chipClass, device, onNode);
        }
        String name = device.report().name();
        for (Device other : onNode) {
            if (other.report().parentName().equals(name)) {
                return 0;
            }
        }
        return CHIP;
    }

    /** Each device of a worker that asks for devices of the class. */
    public static int of(@Nullable AcceleratorClass chipClass, AcceleratorRequest request) {
        if (request.partition().isEmpty()) {
            return request.shareMilli();
        }
        int slots = slots(chipClass, request.partition());
        return slots == 0 ? CHIP : slots;
    }

    /** The smallest gang under a profile on the class. */
    public static long ofSmallestGang(@Nullable AcceleratorClass chipClass, JobSpec spec, int profile) {
        long milli = 0;
        for (Role role : spec.profiles().get(profile).roles()) {
            long devices = (long) role.workers().min() * role.accelerators().perWorker();
            milli += devices * of(chipClass, role.accelerators());
        }
        return milli;
    }

    private static int ofPartition(@Nullable AcceleratorClass chipClass, Device partition, Collection<Device> onNode) {
        int slots = slots(chipClass, partition.report().partition());
        if (slots > 0) {
            return slots;
        }
        // The class does not say how large it is: equal parts of what its parent was split into.
        int parts = 0;
        for (Device other : onNode) {
            parts += other.report().parentName().equals(partition.report().parentName()) ? 1 : 0;
        }
        return CHIP / Math.max(1, parts);
    }

    /** Thousandths of the chip by slots, or 0 if the class has no such partition. */
    private static int slots(@Nullable AcceleratorClass chipClass, String name) {
        if (chipClass == null) {
            return 0;
        }
        int wanted = 0;
        int all = 0;
        for (Partition partition : chipClass.partitions()) {
            for (int start : partition.starts()) {
                all = Math.max(all, start + partition.slots());
            }
            all = Math.max(all, partition.slots());
            wanted = partition.name().equals(name) ? partition.slots() : wanted;
        }
        return all == 0 ? 0 : CHIP * wanted / all;
    }
}
