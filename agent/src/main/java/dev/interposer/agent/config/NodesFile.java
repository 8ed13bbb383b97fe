package dev.interposer.agent.config;

import dev.interposer.agent.config.NodeConfig.SimulatedDevices;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads the nodes that an agent speaks for.
 *
 * <p>A name may hold one range, {@code h100-{0..3}}, which makes a node of each number; {@code {i}} stands for the
 * number in its labels, domains and address. A node with {@code local: true} is this machine: its name, cores and
 * memory are found out.
 */
public final class NodesFile {
    private static final Pattern RANGE = Pattern.compile("\\{(\\d{1,9})\\.\\.(\\d{1,9})}");
    private static final Map<String, Set<String>> DRIVER_FIELDS =
            Map.of("nvml", Set.of("library"), "amd", Set.of(), "profile", Set.of("file"), "plugin", Set.of("socket"));
    private static final Pattern ADDRESS = Pattern.compile("[0-9A-Za-z][-0-9A-Za-z.]{0,252}|[0-9A-Fa-f:.]{2,45}");
    private static final int MOST_NODES = 20_000;

    private NodesFile() {}

    public static List<NodeConfig> read(Path file) throws ConfigException {
        Object root;
        try {
            String text = Files.readString(file);
            root = new Load(LoadSettings.builder().setLabel(file.toString()).build()).loadFromString(text);
        } catch (IOException e) {
            throw new ConfigException("nodes file " + file + " can't be read: " + e.getMessage());
        } catch (YamlEngineException e) {
            throw new ConfigException("nodes file " + file + " is no YAML: " + e.getMessage());
        }
        Map<?, ?> top = map("", root);
        only("", top, Set.of("nodes"));
        if (!(top.get("nodes") instanceof List<?> list) || list.isEmpty()) {
            throw new ConfigException("nodes of " + file + " must be a list with at least one node");
        }
        List<NodeConfig> nodes = new ArrayList<>();
        for (int index = 0; index < list.size(); index++) {
            nodes(nodes, "nodes[" + index + "]", map("nodes[" + index + "]", list.get(index)));
        }
        if (nodes.size() > MOST_NODES) {
            throw new ConfigException("nodes of " + file + " are " + nodes.size() + ", more than " + MOST_NODES);
        }
        return nodes;
    }

    private static void nodes(List<NodeConfig> nodes, String path, Map<?, ?> node) throws ConfigException {
        only(
                path,
                node,
                Set.of("name", "local", "labels", "capacity", "devices", "drivers", "simulatedSeconds", "address"));
        if (Boolean.TRUE.equals(node.get("local"))) {
            nodes.add(local(path, node));
            return;
        }
        String name = text(path + ".name", node.get("name"), "");
        Matcher range = RANGE.matcher(name);
        if (!range.find()) {
            nodes.add(one(path, node, name, 0));
            return;
        }
        int first = Integer.parseInt(range.group(1));
        int last = Integer.parseInt(range.group(2));
        if (last < first || last - first >= MOST_NODES) {
            throw new ConfigException(path + ".name (" + name + ") must range over 1 to " + MOST_NODES + " nodes");
        }
        for (int number = first; number <= last; number++) {
            nodes.add(one(path, node, range.replaceFirst(Integer.toString(number)), number));
        }
    }

    private static NodeConfig one(String path, Map<?, ?> node, String name, int number) throws ConfigException {
        if (!name.matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9.]*[a-z0-9])?")) {
            throw new ConfigException(path + ".name (" + name + ") must be cluster/node in DNS letters");
        }
        Object seconds = node.get("simulatedSeconds");
        if (seconds != null && !(seconds instanceof Number)) {
            throw new ConfigException(path + ".simulatedSeconds (" + seconds + ") must be a number");
        }
        return new NodeConfig(
                name,
                labels(path + ".labels", node.get("labels"), number),
                capacity(path + ".capacity", node.get("capacity")),
                devices(path + ".devices", node.get("devices"), number),
                drivers(path + ".drivers", node.get("drivers"), List.of()),
                seconds == null ? 0 : ((Number) seconds).doubleValue(),
                address(path + ".address", node.get("address"), number));
    }

    private static String address(String path, @Nullable Object value, int number) throws ConfigException {
        String address = text(path, value, "").replace("{i}", "" + number);
        if (!address.isEmpty() && !ADDRESS.matcher(address).matches()) {
            throw new ConfigException(
                    path + " (" + address + ") must be a host name, an IPv4 or an IPv6 address, without a port");
        }
        return address;
    }

    private static NodeConfig local(String path, Map<?, ?> node) throws ConfigException {
        String host;
        try {
            host = InetAddress.getLocalHost()
                    .getHostName()
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^-a-z0-9.]", "-");
        } catch (IOException e) {
            host = "this-machine";
        }
        String name = text(path + ".name", node.get("name"), "local/" + host);
        Map<String, Long> capacity = new TreeMap<>(capacity(path + ".capacity", node.get("capacity")));
        capacity.putIfAbsent("cpu", Runtime.getRuntime().availableProcessors() * 1000L);
        capacity.putIfAbsent("memory", memoryBytes());
        return new NodeConfig(
                name,
                labels(path + ".labels", node.get("labels"), 0),
                capacity,
                SimulatedDevices.NONE,
                drivers(path + ".drivers", node.get("drivers"), DriverChoice.STANDARD),
                0,
                address(path + ".address", node.get("address"), 0));
    }

    private static List<DriverChoice> drivers(String path, @Nullable Object value, List<DriverChoice> absent)
            throws ConfigException {
        if (value == null) {
            return absent;
        }
        if (!(value instanceof List<?> list)) {
            throw new ConfigException(path + " (" + value + ") must be a list");
        }
        List<DriverChoice> drivers = new ArrayList<>();
        for (int index = 0; index < list.size(); index++) {
            String at = path + "[" + index + "]";
            Map<?, ?> entry = map(at, list.get(index));
            only(at, entry, DRIVER_FIELDS.keySet());
            if (entry.size() != 1) {
                throw new ConfigException(at + " (" + entry + ") must name one driver");
            }
            String name = String.valueOf(entry.keySet().iterator().next());
            Object fields = entry.get(name);
            drivers.add(driver(at + "." + name, name, fields == null ? Map.of() : map(at + "." + name, fields)));
        }
        return drivers;
    }

    private static DriverChoice driver(String path, String name, Map<?, ?> fields) throws ConfigException {
        only(path, fields, DRIVER_FIELDS.getOrDefault(name, Set.of()));
        return switch (name) {
            case "nvml" -> new DriverChoice.Nvml(text(path + ".library", fields.get("library"), ""));
            case "amd" -> new DriverChoice.Amd();
            case "profile" -> new DriverChoice.Profile(file(path + ".file", fields.get("file")));
            default -> new DriverChoice.Plugin(file(path + ".socket", fields.get("socket")));
        };
    }

    private static Path file(String path, @Nullable Object value) throws ConfigException {
        String name = text(path, value, "");
        if (name.isEmpty()) {
            throw new ConfigException(path + " is missing");
        }
        return Path.of(name);
    }

    private static long memoryBytes() {
        var system = java.lang.management.ManagementFactory.getOperatingSystemMXBean();
        return system instanceof com.sun.management.OperatingSystemMXBean sun ? sun.getTotalMemorySize() : 0;
    }

    private static SimulatedDevices devices(String path, @Nullable Object value, int number) throws ConfigException {
        if (value == null) {
            return SimulatedDevices.NONE;
        }
        Map<?, ?> devices = map(path, value);
        only(path, devices, Set.of("count", "model", "vendor", "memory", "visibleVariable", "scaleUpDomain"));
        if (!(devices.get("count") instanceof Integer count) || count < 0 || count > 1024) {
            throw new ConfigException(path + ".count (" + devices.get("count") + ") must be between 0 and 1024");
        }
        return new SimulatedDevices(
                count,
                text(path + ".model", devices.get("model"), ""),
                text(path + ".vendor", devices.get("vendor"), ""),
                Quantity.parse(path + ".memory", text(path + ".memory", devices.get("memory"), "0")),
                text(path + ".visibleVariable", devices.get("visibleVariable"), ""),
                text(path + ".scaleUpDomain", devices.get("scaleUpDomain"), "").replace("{i}", "" + number));
    }

    private static Map<String, String> labels(String path, @Nullable Object value, int number) throws ConfigException {
        Map<String, String> labels = new TreeMap<>();
        if (value != null) {
            for (Map.Entry<?, ?> entry : map(path, value).entrySet()) {
                labels.put(
                        String.valueOf(entry.getKey()),
                        String.valueOf(entry.getValue()).replace("{i}", "" + number));
            }
        }
        return labels;
    }

    private static Map<String, Long> capacity(String path, @Nullable Object value) throws ConfigException {
        Map<String, Long> capacity = new TreeMap<>();
        if (value != null) {
            for (Map.Entry<?, ?> entry : map(path, value).entrySet()) {
                String resource = String.valueOf(entry.getKey());
                long amount = Quantity.parse(path + "." + resource, String.valueOf(entry.getValue()));
                boolean thousandths = resource.equals("cpu")
                        && !String.valueOf(entry.getValue()).endsWith("m");
                capacity.put(resource, thousandths ? amount * 1000 : amount);
            }
        }
        return capacity;
    }

    private static String text(String path, @Nullable Object value, String absent) throws ConfigException {
        if (value instanceof Map || value instanceof List) {
            throw new ConfigException(path + " (" + value + ") must be one value");
        }
        return value == null ? absent : value.toString();
    }

    private static Map<?, ?> map(String path, @Nullable Object value) throws ConfigException {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new ConfigException((path.isEmpty() ? "the file" : path) + " (" + value + ") must be a mapping");
    }

    private static void only(String path, Map<?, ?> map, Set<String> allowed) throws ConfigException {
        for (Object key : map.keySet()) {
            if (!allowed.contains(String.valueOf(key))) {
                throw new ConfigException(
                        (path.isEmpty() ? "" : path + ".") + key + " is unknown. Maybe one of " + allowed + "?");
            }
        }
    }
}
