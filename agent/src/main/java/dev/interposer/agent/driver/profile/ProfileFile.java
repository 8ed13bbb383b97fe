package dev.interposer.agent.driver.profile;

import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.config.Fields;
import dev.interposer.agent.driver.profile.Profile.Find;
import dev.interposer.agent.driver.profile.Profile.HealthFile;
import dev.interposer.agent.driver.profile.Profile.Ids;
import dev.interposer.agent.driver.profile.Profile.Measure;
import dev.interposer.agent.driver.profile.Profile.Metrics;
import dev.interposer.agent.driver.profile.Profile.Source;
import dev.interposer.agent.driver.profile.Profile.Visible;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a profile, strictly: what it does not know, or can't make sense of, it refuses by place and value. */
final class ProfileFile {
    private static final String DNS_NAME = "[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?";
    private static final String PCI_ID = "0[xX][0-9a-fA-F]{1,4}";
    private static final String HEX = "a PCI id such as 0x1e52";
    private static final Pattern ALL = Pattern.compile("(?s).*");
    private static final Pattern BYTES = Pattern.compile("(\\d{1,15})(([kMGTP])(i?))?");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{[^}]*}");
    private static final Set<String> OWN_ATTRIBUTES = Set.of("vendor", "model", "driver", "deviceNodes", "numaNode");

    private ProfileFile() {}

    static Profile read(Path file) throws ConfigException {
        return Fields.ofFile(
                "profile",
                file,
                ProfileFile::profile,
                "name",
                "vendor",
                "model",
                "find",
                "identity",
                "memory",
                "attributes",
                "deviceNodes",
                "health",
                "metrics",
                "visible",
                "numaNode",
                "scaleUpDomain");
    }

    private static Profile profile(Fields top) throws ConfigException {
        Find find = find(top.fields("find", "pci", "class"));
        return new Profile(
                top.text("name", DNS_NAME, "a name in DNS letters such as inhouse-a1"),
                top.text("vendor", DNS_NAME, "a name in DNS letters such as inhouse"),
                top.text("model", "\\S.{0,127}", "the value by which a class recognises the chip"),
                find,
                top.has("identity") ? source(top, "identity") : Source.NONE,
                memory(top),
                attributes(top),
                deviceNodes(top, find),
                health(top),
                metrics(top),
                visible(top),
                top.has("numaNode") ? source(top, "numaNode") : Source.NONE,
                top.has("scaleUpDomain") ? source(top, "scaleUpDomain") : Source.NONE);
    }

    private static Find find(Fields find) throws ConfigException {
        if (find.has("pci") == find.has("class")) {
            throw new ConfigException("find must hold either pci or class. Maybe pci: {vendor: 0x1e52}?");
        }
        if (find.has("pci")) {
            Fields pci = find.fields("pci", "vendor", "devices");
            pci.text("vendor", PCI_ID, HEX);
            return new Find.Pci(ids(pci));
        }
        Fields sysClass = find.fields("class", "name", "entries", "vendor", "devices");
        if (sysClass.has("devices") && !sysClass.has("vendor")) {
            throw sysClass.wrong("vendor", "given with devices, " + HEX);
        }
        return new Find.SysClass(
                sysClass.text("name", "[A-Za-z0-9_-]{1,64}", "the name of a folder in /sys/class, such as accel"),
                sysClass.pattern("entries", ALL),
                ids(sysClass));
    }

    private static Ids ids(Fields fields) throws ConfigException {
        long vendor = fields.has("vendor") ? Long.decode(fields.text("vendor", PCI_ID, HEX)) : Ids.ANY;
        Set<Long> devices = new HashSet<>();
        if (fields.has("devices")) {
            for (String id : fields.texts("devices", PCI_ID, HEX)) {
                devices.add(Long.decode(id));
            }
        }
        return new Ids(vendor, devices);
    }

    /** A text, or {@code {file: …, match: …}}. */
    private static Source source(Fields fields, String key) throws ConfigException {
        if (fields.value(key) instanceof String text) {
            if (text.isEmpty() || text.length() > 256) {
                throw fields.wrong(key, "a text of 1 to 256 letters or {file: …}");
            }
            return new Source.Constant(text);
        }
        return fileText(fields.fields(key, "file", "match"));
    }

    private static Source fileText(Fields fields) throws ConfigException {
        return new Source.FileText(file(fields), fields.pattern("match", ALL));
    }

    private static String file(Fields fields) throws ConfigException {
        String file = fields.text("file", "/?[^/\\s][^\\n]{0,255}", "a file below the device's folder in sysfs");
        if (List.of(file.split("/", -1)).contains("..")) {
            throw fields.wrong("file", "a file below the device's folder in sysfs; .. leads out of it");
        }
        return file;
    }

    private static Measure measure(Fields fields, String key) throws ConfigException {
        if (!fields.has(key)) {
            return Measure.NONE;
        }
        Fields measure = fields.fields(key, "file", "match", "scale");
        double scale = measure.number("scale", 1);
        if (scale <= 0) {
            throw measure.wrong("scale", "above 0");
        }
        return new Measure(fileText(measure), scale);
    }

    private static Measure memory(Fields top) throws ConfigException {
        Fields memory = top.fields("memory", "bytes", "file", "match", "scale");
        if (!memory.has("bytes")) {
            return measure(top, "memory");
        }
        if (memory.has("file") || memory.has("scale") || memory.has("match")) {
            throw memory.wrong("bytes", "the only key of memory, or absent");
        }
        Matcher bytes = BYTES.matcher(memory.text("bytes", BYTES.pattern(), "a quantity such as 96Gi or 80G"));
        if (!bytes.matches()) {
            throw memory.wrong("bytes", "a quantity such as 96Gi or 80G");
        }
        int power = bytes.group(3) == null ? 0 : "kMGTP".indexOf(bytes.group(3)) + 1;
        double amount = Double.parseDouble(bytes.group(1)) * Math.pow("i".equals(bytes.group(4)) ? 1024 : 1000, power);
        if (amount > 1e15) {
            throw memory.wrong("bytes", "at most 1P");
        }
        return new Measure(new Source.Constant(Long.toString((long) amount)), 1);
    }

    private static Map<String, Source> attributes(Fields top) throws ConfigException {
        Map<String, Source> attributes = new TreeMap<>();
        if (top.has("attributes")) {
            Fields fields = top.fields("attributes");
            for (String key : fields.keys()) {
                if (!key.matches("[A-Za-z][A-Za-z0-9]{0,62}") || OWN_ATTRIBUTES.contains(key)) {
                    throw new ConfigException(
                            fields.at(key) + " must be letters and digits, and none of " + OWN_ATTRIBUTES);
                }
                attributes.put(key, source(fields, key));
            }
        }
        return attributes;
    }

    private static List<String> deviceNodes(Fields top, Find find) throws ConfigException {
        if (!top.has("deviceNodes")) {
            return List.of();
        }
        Set<String> known = switch (find) {
            case Find.Pci pci -> Set.of("{index}", "{address}", "{name}");
            case Find.SysClass entries -> Set.of("{index}", "{address}", "{name}", "{entry}", "{number}");
        };
        List<String> nodes = top.texts("deviceNodes", "/dev/[^\\s]{1,200}", "a path such as /dev/a1_{index}");
        for (String node : nodes) {
            Matcher placeholder = PLACEHOLDER.matcher(node);
            while (placeholder.find()) {
                if (!known.contains(placeholder.group())) {
                    throw new ConfigException("deviceNodes (" + node + ") must hold none but " + known);
                }
            }
            if (List.of(node.split("/", -1)).contains("..")) {
                throw new ConfigException("deviceNodes (" + node + ") must stay below /dev");
            }
        }
        return nodes;
    }

    private static HealthFile health(Fields top) throws ConfigException {
        if (!top.has("health")) {
            return HealthFile.NONE;
        }
        Fields health = top.fields("health", "file", "healthy", "degraded", "failed");
        health.text("healthy", "(?s).+", "the word, or a regular expression, by which a device is healthy");
        return new HealthFile(
                file(health),
                health.pattern("healthy", HealthFile.NEVER),
                health.pattern("degraded", HealthFile.NEVER),
                health.pattern("failed", HealthFile.NEVER));
    }

    private static Metrics metrics(Fields top) throws ConfigException {
        if (!top.has("metrics")) {
            return Metrics.NONE;
        }
        Fields metrics = top.fields("metrics", "utilization", "memoryUsed", "temperature", "power");
        return new Metrics(
                measure(metrics, "utilization"),
                measure(metrics, "memoryUsed"),
                measure(metrics, "temperature"),
                measure(metrics, "power"));
    }

    private static Visible visible(Fields top) throws ConfigException {
        if (!top.has("visible")) {
            return Visible.NONE;
        }
        Fields visible = top.fields("visible", "variable", "lists");
        return new Visible(
                visible.text("variable", "[A-Z_][A-Z0-9_]{0,127}", "a variable such as A1_VISIBLE_DEVICES"),
                visible.text("lists", "indexes|names", "indexes or names").equals("names"));
    }
}
