package dev.interposer.agent.config;

import dev.interposer.agent.config.NodeConfig.SimulatedDevices;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the nodes that an agent speaks for.
 *
 * <p>A name may hold one range, {@code h100-{0..3}}, which makes a node of each number; {@code {i}} stands for the
 * number in its labels, domains and address. A node with {@code local: true} is this machine: its name, cores and
 * memory are found out.
 */
public final class NodesFile {
    private static final Pattern RANGE = Pattern.compile("\\{(\\d{1,9})\\.\\.(\\d{1,9})}");
    private static final String NAME = "[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9.]*[a-z0-9])?";
    private static final Pattern ADDRESS = Pattern.compile("[0-9A-Za-z][-0-9A-Za-z.]{0,252}|[0-9A-Fa-f:.]{2,45}");
    private static final int MOST_NODES = 20_000;
    private static final int MOST_DEVICES = 1024;

    private NodesFile() {}

    public static List<NodeConfig> read(Path file) throws ConfigException {
        return Fields.ofFile("nodes file", file, NodesFile::nodes, "nodes");
    }

    private static List<NodeConfig> nodes(Fields top) throws ConfigException {
        List<NodeConfig> nodes = new ArrayList<>();
        for (Fields node : top.list(
                "nodes", "name", "local", "labels", "capacity", "devices", "drivers", "simulatedSeconds", "address")) {
            add(nodes, node);
        }
        if (nodes.isEmpty()) {
            throw top.wrong("nodes", "a list with at least one node");
        }
        if (nodes.size() > MOST_NODES) {
            throw new ConfigException("nodes are " + nodes.size() + ", more than " + MOST_NODES);
        }
        return nodes;
    }

    private static void add(List<NodeConfig> nodes, Fields node) throws ConfigException {
        if (node.text("local", "false").equals("true")) {
            nodes.add(local(node));
            return;
        }
        String name = node.text("name", "");
        Matcher range = RANGE.matcher(name);
        if (!range.find()) {
            nodes.add(one(node, name, 0));
            return;
        }
        int first = Integer.parseInt(range.group(1));
        int last = Integer.parseInt(range.group(2));
        if (last < first || last - first >= MOST_NODES) {
            throw node.wrong("name", "such that it ranges over 1 to " + MOST_NODES + " nodes");
        }
        for (int number = first; number <= last; number++) {
            nodes.add(one(node, range.replaceFirst(Integer.toString(number)), number));
        }
    }

    private static NodeConfig one(Fields node, String name, int number) throws ConfigException {
        if (!name.matches(NAME)) {
            throw node.wrong("name", "cluster/node in DNS letters");
        }
        return new NodeConfig(
                name,
                labels(node, number),
                capacity(node),
                devices(node, number),
                drivers(node, List.of()),
                node.number("simulatedSeconds", 0),
                address(node, number));
    }

    private static NodeConfig local(Fields node) throws ConfigException {
        String host;
        try {
            host = InetAddress.getLocalHost()
                    .getHostName()
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^-a-z0-9.]", "-");
        } catch (IOException e) {
            host = "this-machine";
        }
        Map<String, Long> capacity = new TreeMap<>(capacity(node));
        capacity.putIfAbsent("cpu", Runtime.getRuntime().availableProcessors() * 1000L);
        capacity.putIfAbsent("memory", memoryBytes());
        return new NodeConfig(
                node.text("name", "local/" + host),
                labels(node, 0),
                capacity,
                SimulatedDevices.NONE,
                drivers(node, DriverChoice.STANDARD),
                0,
                address(node, 0));
    }

    private static long memoryBytes() {
        var system = java.lang.management.ManagementFactory.getOperatingSystemMXBean();
        return system instanceof com.sun.management.OperatingSystemMXBean sun ? sun.getTotalMemorySize() : 0;
    }

    private static String address(Fields node, int number) throws ConfigException {
        String address = numbered(node.text("address", ""), number);
        if (!address.isEmpty() && !ADDRESS.matcher(address).matches()) {
            throw node.wrong("address", "a host name, an IPv4 or an IPv6 address, without a port");
        }
        return address;
    }

    private static List<DriverChoice> drivers(Fields node, List<DriverChoice> absent) throws ConfigException {
        if (!node.has("drivers")) {
            return absent;
        }
        List<DriverChoice> drivers = new ArrayList<>();
        for (Fields entry : node.list("drivers", "nvml", "amd", "profile", "plugin")) {
            List<DriverChoice> named = new ArrayList<>();
            if (entry.has("nvml")) {
                named.add(new DriverChoice.Nvml(entry.fields("nvml", "library").text("library", "")));
            }
            if (entry.has("amd")) {
                named.add(new DriverChoice.Amd());
            }
            if (entry.has("profile")) {
                named.add(new DriverChoice.Profile(file(entry.fields("profile", "file"), "file")));
            }
            if (entry.has("plugin")) {
                named.add(new DriverChoice.Plugin(file(entry.fields("plugin", "socket"), "socket")));
            }
            if (named.size() != 1) {
                throw node.wrong("drivers", "a list of which each entry names one driver");
            }
            drivers.addAll(named);
        }
        return drivers;
    }

    private static Path file(Fields fields, String key) throws ConfigException {
        return Path.of(fields.text(key, "\\S.*", "a path"));
    }

    private static SimulatedDevices devices(Fields node, int number) throws ConfigException {
        if (!node.has("devices")) {
            return SimulatedDevices.NONE;
        }
        Fields devices =
                node.fields("devices", "count", "model", "vendor", "memory", "visibleVariable", "scaleUpDomain");
        return new SimulatedDevices(
                devices.integer("count", 0, 0, MOST_DEVICES),
                devices.text("model", ""),
                devices.text("vendor", ""),
                Quantity.parse(devices.at("memory"), devices.text("memory", "0")),
                devices.text("visibleVariable", ""),
                numbered(devices.text("scaleUpDomain", ""), number));
    }

    private static Map<String, String> labels(Fields node, int number) throws ConfigException {
        Map<String, String> labels = new TreeMap<>();
        if (node.has("labels")) {
            Fields given = node.fields("labels");
            for (String key : given.keys()) {
                labels.put(key, numbered(given.text(key, ""), number));
            }
        }
        return labels;
    }

    private static Map<String, Long> capacity(Fields node) throws ConfigException {
        Map<String, Long> capacity = new TreeMap<>();
        if (node.has("capacity")) {
            Fields given = node.fields("capacity");
            for (String resource : given.keys()) {
                String value = given.text(resource, "");
                long amount = Quantity.parse(given.at(resource), value);
                boolean cores = resource.equals("cpu") && !value.endsWith("m");
                capacity.put(resource, cores ? amount * 1000 : amount);
            }
        }
        return capacity;
    }

    private static String numbered(String text, int number) {
        return text.replace("{i}", Integer.toString(number));
    }
}
