package dev.interposer.engine.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model of chip as the scheduler sees it.
 *
 * @param name unique
 * @param supplierName its designer
 * @param chipFamily classes of one architecture share it; empty for none
 * @param match rules by which devices are recognised; a device matches if any rule holds
 * @param memoryBytes nominal memory
 * @param throughput dense operations per second by dtype
 * @param supply suppliers by tier
 * @param ladder topology levels, small to large
 * @param wholeLevel level that a gang takes whole or not at all; empty for none
 * @param partitions ways in which one device can be split
 * @param kubernetesJson how Kubernetes allocates it, in JSON; empty for not at all
 * @param costFrom where its cost is
 * @param basketMilli what one chip does, in thousandths of the reference device, by the basket of workloads; 0 for not
 *     stated. Read {@link #referenceMilli}
 */
public record AcceleratorClass(
        String name,
        String supplierName,
        String chipFamily,
        List<MatchRule> match,
        long memoryBytes,
        List<Throughput> throughput,
        List<TierSupply> supply,
        List<Level> ladder,
        String wholeLevel,
        List<Partition> partitions,
        String kubernetesJson,
        SecretReference costFrom,
        long basketMilli) {
    /** One reference device, which a class counts as that states nothing else. */
    public static final long REFERENCE_DEVICE = 1000;

    /** The ladder of a class that names none. */
    public static final List<Level> DEFAULT_LADDER =
            List.of(new Level("scaleup", ""), new Level("node", ""), new Level("cluster", ""));

    public AcceleratorClass {
        match = List.copyOf(match);
        throughput = List.copyOf(throughput);
        supply = List.copyOf(supply);
        ladder = List.copyOf(ladder);
        partitions = List.copyOf(partitions);
    }

    /** A class that counts as one reference device. */
    public AcceleratorClass(
            String name,
            String supplierName,
            String chipFamily,
            List<MatchRule> match,
            long memoryBytes,
            List<Throughput> throughput,
            List<TierSupply> supply,
            List<Level> ladder,
            String wholeLevel,
            List<Partition> partitions,
            String kubernetesJson,
            SecretReference costFrom) {
        this(
                name,
                supplierName,
                chipFamily,
                match,
                memoryBytes,
                throughput,
                supply,
                ladder,
                wholeLevel,
                partitions,
                kubernetesJson,
                costFrom,
                0);
    }

    public static AcceleratorClass of(String name, String supplierName) {
        return new AcceleratorClass(
                name,
                supplierName,
                "",
                List.of(new MatchRule(MatchKind.ATTRIBUTES, Map.of("model", name), "")),
                0,
                List.of(),
                List.of(),
                DEFAULT_LADDER,
                "",
                List.of(),
                "",
                SecretReference.NONE);
    }

    /** Thousandths of a reference device that one chip counts as; never its price. */
    public long referenceMilli() {
        return basketMilli == 0 ? REFERENCE_DEVICE : basketMilli;
    }

    /** The same class with another figure of the basket. */
    public AcceleratorClass counting(long otherBasketMilli) {
        return new AcceleratorClass(
                name,
                supplierName,
                chipFamily,
                match,
                memoryBytes,
                throughput,
                supply,
                ladder,
                wholeLevel,
                partitions,
                kubernetesJson,
                costFrom,
                otherBasketMilli);
    }

    /** The same class with other suppliers by tier. */
    public AcceleratorClass suppliedBy(List<TierSupply> otherSupply) {
        return new AcceleratorClass(
                name,
                supplierName,
                chipFamily,
                match,
                memoryBytes,
                throughput,
                otherSupply,
                ladder,
                wholeLevel,
                partitions,
                kubernetesJson,
                costFrom,
                basketMilli);
    }

    public boolean computes(String dtype) {
        return throughput.stream().anyMatch(entry -> entry.dtype().equals(dtype));
    }

    /** What a match rule looks at. */
    public enum MatchKind {
        /** NVML's product name, under the key {@code productName}. */
        NVML,
        /** Labels of the node. */
        NODE_SELECTOR,
        /** A DRA driver, under the key {@code driver}, and a CEL expression. */
        DRA,
        /** Attributes that a driver reports of the device. */
        ATTRIBUTES
    }

    /**
     * A rule by which a device is recognised.
     *
     * @param kind what is looked at
     * @param equal keys and the values that they must have
     * @param cel a CEL expression for {@link MatchKind#DRA}; empty for none
     */
    public record MatchRule(MatchKind kind, Map<String, String> equal, String cel) {
        public MatchRule {
            equal = SortedCopy.of(equal);
        }
    }

    /** Dense operations per second of one dtype. */
    public record Throughput(String dtype, long flops) {}

    /** The suppliers of one tier, with shares in percent that sum to 100. */
    public record TierSupply(Tier tier, boolean estimate, List<SupplierShare> suppliers) {
        public TierSupply {
            suppliers = List.copyOf(suppliers);
        }
    }

    /** A supplier's share of one tier. */
    public record SupplierShare(String supplierName, int percent) {}

    /** A topology level; its domain is the value of {@code nodeLabel}, or built in for scaleup, node and cluster. */
    public record Level(String name, String nodeLabel) {}

    /** The way to split a device that has a name; null if there is none. */
    public @Nullable Partition partition(String partitionName) {
        for (Partition candidate : partitions) {
            if (candidate.name().equals(partitionName)) {
                return candidate;
            }
        }
        return null;
    }

    /**
     * One way to split a device.
     *
     * @param name such as {@code 3g.40gb}
     * @param memoryBytes memory of one partition
     * @param slots slices that it takes
     * @param starts slices at which it may start
     */
    public record Partition(String name, long memoryBytes, int slots, List<Integer> starts) {
        public Partition {
            starts = List.copyOf(starts);
        }
    }
}
