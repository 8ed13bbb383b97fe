package dev.interposer.agent.driver.profile;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One kind of chip, as a profile file describes it. Files are named below the device's own folder in sysfs; one that
 * begins with a slash below the root of sysfs.
 *
 * @param name of the driver that it makes
 * @param vendor attribute {@code vendor}
 * @param model attribute {@code model}, by which a class recognises the devices
 * @param find where the devices are
 * @param identity what names a device; {@link Source#NONE} for its address
 * @param memory bytes of each
 * @param attributes further ones
 * @param deviceNodes files under /dev that a worker needs
 * @param health what its driver says of its health
 * @param metrics what it measures
 * @param visible by which variable its software finds the chosen ones
 * @param numaNode number of its NUMA node
 * @param scaleUpDomain name of the domain it is in
 */
record Profile(
        String name,
        String vendor,
        String model,
        Find find,
        Source identity,
        Measure memory,
        Map<String, Source> attributes,
        List<String> deviceNodes,
        HealthFile health,
        Metrics metrics,
        Visible visible,
        Source numaNode,
        Source scaleUpDomain) {
    Profile {
        attributes = Map.copyOf(attributes);
        deviceNodes = List.copyOf(deviceNodes);
    }

    /** Where the devices are. */
    sealed interface Find {
        /** PCI ids, as the numbers that they are. */
        Ids ids();

        /** Functions on the PCI bus. */
        record Pci(Ids ids) implements Find {}

        /** Entries of a folder of /sys/class, with the ids of the device behind each. */
        record SysClass(String className, Pattern entries, Ids ids) implements Find {}
    }

    /**
     * Which PCI devices are meant.
     *
     * @param vendor {@link #ANY} for whichever
     * @param devices empty for all of the vendor
     */
    record Ids(long vendor, Set<Long> devices) {
        static final long ANY = -1;

        Ids {
            devices = Set.copyOf(devices);
        }
    }

    /** Where a text comes from: a constant, or what the pattern takes out of a file. */
    sealed interface Source {
        Source NONE = new Constant("");

        record Constant(String text) implements Source {}

        /** The first group of the pattern, or all that it finds. */
        record FileText(String file, Pattern match) implements Source {}
    }

    /** A number: what the source says, times the scale. */
    record Measure(Source source, double scale) {
        static final Measure NONE = new Measure(Source.NONE, 1);
    }

    /** A file and which of its words mean what; a word that none of them matches is degraded. */
    record HealthFile(String file, Pattern healthy, Pattern degraded, Pattern failed) {
        /** Matches nothing. */
        static final Pattern NEVER = Pattern.compile("(?!)");

        static final HealthFile NONE = new HealthFile("", NEVER, NEVER, NEVER);
    }

    /**
     * What the devices measure.
     *
     * @param utilization 1 for full use
     * @param memoryUsed bytes
     * @param temperature degrees Celsius
     * @param power watts
     */
    record Metrics(Measure utilization, Measure memoryUsed, Measure temperature, Measure power) {
        static final Metrics NONE = new Metrics(Measure.NONE, Measure.NONE, Measure.NONE, Measure.NONE);
    }

    /** The variable that lists the chosen devices, with commas; empty for none. */
    record Visible(String variable, boolean byName) {
        static final Visible NONE = new Visible("", false);
    }
}
