package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a class is. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.supply) || self.supply.all(t, t.tier != 'Designer'"
                + " || t.suppliers.exists(s, s.supplierName == self.supplierName))",
        message = "supply: tier Designer leaves out spec.supplierName, who designs the class",
        fieldPath = ".supply")
public record AcceleratorClassSpec(
        @JsonPropertyDescription("Name of the Supplier that designs it. Who sells it may differ from node to node.")
        @Required
        @Size(min = 1, max = Schema.MOST_NAME)
        String supplierName,

        @JsonPropertyDescription("Classes of one architecture share it, such as hopper.")
        @Size(max = Schema.MOST_NAME)
        @Nullable
        String chipFamily,

        @JsonPropertyDescription("Rules by which devices are recognised, any one of which is enough.")
        @Required
        @Size(min = 1, max = 64)
        List<DeviceMatch> match,

        @JsonPropertyDescription("Nominal memory of one device in bytes, such as 80G.") @Nullable
        Quantity memory,

        @JsonPropertyDescription("Dense operations per second by number format, as the maker states them.")
        @Size(max = 64)
        @Schema.Keys("dtype")
        @Nullable
        List<Throughput> throughput,

        @JsonPropertyDescription("Who supplies the class, by tier. What nobody knows is the supplier unknown.")
        @Size(max = 5)
        @Schema.Keys("tier")
        @Nullable
        List<TierSupply> supply,

        @JsonPropertyDescription("How near to each other its devices are.") @Nullable
        Ladder topology,

        @JsonPropertyDescription("Ways in which one device can be split.")
        @Size(max = 44)
        @Schema.Keys("name")
        @Nullable
        List<Partition> partitions,

        @JsonPropertyDescription("How Kubernetes gives the devices out: allocation (DevicePlugin), resourceName,"
                + " such as nvidia.com/gpu, and tolerations of the pods.")
        @Schema.FreeForm
        @Nullable
        JsonNode kubernetes,

        @JsonPropertyDescription("Secret that holds what one device costs.") @Nullable
        SecretReference costFrom,

        @JsonPropertyDescription("What one device does, in thousandths of the reference device: what quotas count."
                + " One reference device if absent.")
        @Min(1)
        @Max(100_000)
        @Nullable
        Long referenceMilli) {
    /** A rule by which a device is recognised. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "[has(self.nvml), has(self.nodeSelector), has(self.dra), has(self.attributes)]"
                    + ".filter(given, given).size() == 1",
            message = "match needs exactly one of nvml, nodeSelector, dra and attributes")
    public record DeviceMatch(
            @JsonPropertyDescription("What NVIDIA's driver says of the device.") @Nullable
            Nvml nvml,

            @JsonPropertyDescription("Labels of the node. All of its devices match.") @Nullable
            LabelSelector nodeSelector,

            @JsonPropertyDescription("A device that a driver of dynamic resource allocation offers.") @Nullable
            Dra dra,

            @JsonPropertyDescription("Attributes that an agent's driver reports, and the values that they must have.")
            @Size(min = 1, max = 64)
            @Nullable
            Map<String, @Size(max = 1024) String> attributes) {}

    /** What NVIDIA's driver says of a device. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Nvml(
            @JsonPropertyDescription("Name of the product, such as NVIDIA H200.")
            @Required
            @Size(min = 1, max = Schema.MOST_NAME)
            String productName) {}

    /** A device of dynamic resource allocation. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Dra(
            @JsonPropertyDescription("Name of the driver, such as gpu.nvidia.com.")
            @Required
            @Size(min = 1, max = Schema.MOST_NAME)
            String driver,

            @JsonPropertyDescription("Expression in CEL over the attributes of the device, as in a DeviceClass.")
            @Size(max = 10_240)
            @Nullable
            String cel) {}

    /** Dense operations per second of one number format. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Throughput(
            @JsonPropertyDescription("Number format, such as bf16.") @Required @Size(min = 1, max = Schema.MOST_LABEL)
            String dtype,

            @JsonPropertyDescription("Dense operations per second, such as 989T.") @Nullable
            Quantity flops) {}

    /** The suppliers of one tier. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "self.suppliers.map(s, s.percent).sum() == 100",
            message = "the shares of a tier sum to 100 percent",
            fieldPath = ".suppliers")
    public record TierSupply(
            @JsonPropertyDescription("The tier.") @Default("Designer") @Nullable
            Tier tier,

            @JsonPropertyDescription("What the shares rest on: Public for what was published, Estimate for the rest.")
            @Default("Public")
            @Nullable
            Evidence evidence,

            @JsonPropertyDescription("Suppliers with their shares.")
            @Required
            @Size(min = 1, max = 64)
            @Schema.Keys("supplierName")
            List<SupplierShare> suppliers) {}

    /** What shares rest on. */
    public enum Evidence {
        @JsonProperty("Public")
        PUBLIC,
        @JsonProperty("Estimate")
        ESTIMATE
    }

    /** The share of one supplier. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SupplierShare(
            @JsonPropertyDescription("Name of the Supplier, or unknown.")
            @Required
            @Size(min = 1, max = Schema.MOST_NAME)
            String supplierName,

            @JsonPropertyDescription("Percent of what the tier supplies to the class.") @Required @Min(1) @Max(100)
            Integer percent) {}

    /** The topology levels of a class. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "!has(self.levels) || self.levels.all(a, self.levels.exists_one(b, a.name == b.name))",
            message = "levels: two have the same name",
            fieldPath = ".levels")
    @ValidationRule(
            value = "!has(self.wholeLevel) || self.wholeLevel == '' || (has(self.levels)"
                    + " ? self.levels.exists(l, l.name == self.wholeLevel)"
                    + " : self.wholeLevel in ['scaleup', 'node', 'cluster'])",
            message = "wholeLevel is none of the levels",
            fieldPath = ".wholeLevel")
    public record Ladder(
            @JsonPropertyDescription("Levels from small to large; scaleup, node and cluster if absent.")
            @Size(max = 16)
            @Nullable
            List<Level> levels,

            @JsonPropertyDescription("Level that a gang takes whole or not at all, such as a slice; none if empty.")
            @Size(max = Schema.MOST_LABEL)
            @Nullable
            String wholeLevel) {}

    /** One topology level. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "self.name in ['scaleup', 'node', 'cluster'] || (has(self.nodeLabel) && self.nodeLabel != '')",
            message = "nodeLabel is needed for every level but scaleup, node and cluster",
            fieldPath = ".nodeLabel")
    public record Level(
            @JsonPropertyDescription("Name of the level, such as rack. Built in: scaleup, node, cluster.")
            @Required
            @Size(min = 1, max = Schema.MOST_LABEL)
            @Pattern(Schema.LABEL)
            String name,

            @JsonPropertyDescription("Label of nodes whose value is their domain at this level.")
            @Size(max = 317)
            @Nullable
            String nodeLabel) {}

    /** One way to split a device. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "self.starts.all(start, start + self.slots <= 8)",
            message = "starts: a partition ends beyond the eighth slice",
            fieldPath = ".starts")
    public record Partition(
            @JsonPropertyDescription("Name of the partition, such as 3g.40gb.") @Required @Size(min = 1, max = 63)
            String name,

            @JsonPropertyDescription("Memory of the partition in bytes.") @Nullable
            Quantity memory,

            @JsonPropertyDescription("Number of slices that it takes of the eight of the device.")
            @Default("1")
            @Min(1)
            @Max(8)
            @Nullable
            Integer slots,

            @JsonPropertyDescription("Slices at which it may start, from 0.")
            @Required
            @Size(min = 1, max = 8)
            @Schema.Unordered
            List<@Min(0) @Max(7) Integer> starts) {}
}
