package dev.interposer.agent.driver.plugin;

import dev.interposer.proto.driver.v1.Device;
import dev.interposer.proto.driver.v1.Health;
import dev.interposer.proto.driver.v1.HealthChange;
import dev.interposer.proto.driver.v1.HealthState;
import dev.interposer.proto.driver.v1.IdentifyResponse;
import dev.interposer.proto.driver.v1.Inventory;
import dev.interposer.proto.driver.v1.PrepareResponse;
import dev.interposer.proto.driver.v1.Process;
import dev.interposer.proto.driver.v1.StatsResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What driver.v1 allows in each answer. Every method names all that is wrong, in words for who writes a plugin. */
final class Contract {
    static final String NO_BODY = "an event must hold an inventory or a change of health";

    private static final int MOST_DEVICES = 1024;
    private static final int MOST_ENTRIES = 64;
    /** Those of the agent's own, driver and deviceNodes, come on top. */
    private static final int MOST_ATTRIBUTES = 62;

    private static final int MOST_ATTRIBUTE_BYTES = 768;
    private static final int MOST_NODES = 16;
    private static final int MOST_NODES_BYTES = 960;
    private static final int MOST_DOMAIN_BYTES = 253;
    private static final int MOST_PROCESSES = 4096;
    private static final int MOST_CAUSE = 1024;
    private static final int MOST_VALUE = 4096;
    private static final long MOST_MILLIWATTS = 100_000_000;

    private Contract() {}

    static List<String> identity(IdentifyResponse answer) {
        List<String> wrong = new ArrayList<>();
        if (answer.getProtocolVersion() < 1 || answer.getProtocolVersion() > PluginCalls.PROTOCOL_VERSION) {
            wrong.add("protocol_version (" + Integer.toUnsignedString(answer.getProtocolVersion())
                    + ") must be from 1 to that of the request, " + PluginCalls.PROTOCOL_VERSION);
        }
        if (!answer.getName().matches("[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?")) {
            wrong.add("name (" + shown(answer.getName()) + ") must be 1 to 63 DNS letters such as inhouse-a1");
        }
        if (answer.getVersion().length() > 64) {
            wrong.add("version (" + shown(answer.getVersion()) + ") must have at most 64 characters");
        }
        return wrong;
    }

    static List<String> inventory(Inventory inventory) {
        List<String> wrong = new ArrayList<>();
        if (inventory.getDevicesCount() > MOST_DEVICES) {
            return List.of("devices (" + inventory.getDevicesCount() + ") must be at most " + MOST_DEVICES);
        }
        Set<String> names = new HashSet<>();
        for (int index = 0; index < inventory.getDevicesCount(); index++) {
            Device device = inventory.getDevices(index);
            device("devices[" + index + "]", device, wrong);
            if (!names.add(device.getName())) {
                wrong.add("devices[" + index + "].name (" + shown(device.getName()) + ") stands there twice");
            }
        }
        return wrong;
    }

    private static void device(String path, Device device, List<String> wrong) {
        if (!device.getName().matches("[A-Za-z0-9._:-]{1,128}")) {
            wrong.add(path + ".name (" + shown(device.getName())
                    + ") must be 1 to 128 letters, digits and . _ : - such as a serial number");
        }
        if (device.getMemoryBytes() < 0) {
            wrong.add(path + ".memory_bytes (" + device.getMemoryBytes() + ") must not be below 0");
        }
        if (device.getPartition().isEmpty() != device.getParentName().isEmpty()) {
            wrong.add(path + ".partition (" + shown(device.getPartition()) + ") and parent_name ("
                    + shown(device.getParentName()) + ") must both be given or both be empty");
        }
        if (!device.getParentName().matches("[A-Za-z0-9._:-]{0,128}")) {
            wrong.add(path + ".parent_name (" + shown(device.getParentName())
                    + ") must be at most 128 letters, digits and . _ : -, as a name");
        }
        if (!device.getPartition().matches("[\\x21-\\x7e]{0,128}")) {
            wrong.add(path + ".partition (" + shown(device.getPartition())
                    + ") must be at most 128 plain letters, digits and signs such as 1g.10gb");
        }
        if (bytes(device.getScaleUpDomain()) > MOST_DOMAIN_BYTES) {
            wrong.add(path + ".scale_up_domain (" + shown(device.getScaleUpDomain()) + ") must have at most "
                    + MOST_DOMAIN_BYTES + " bytes");
        }
        attributes(path + ".attributes", device.getAttributesMap(), wrong);
        if (device.getDeviceNodesCount() > MOST_NODES) {
            wrong.add(path + ".device_nodes (" + device.getDeviceNodesCount() + ") must be at most " + MOST_NODES);
        }
        if (bytes(String.join(",", device.getDeviceNodesList())) > MOST_NODES_BYTES) {
            wrong.add(path + ".device_nodes must have at most " + MOST_NODES_BYTES
                    + " bytes in all, with a comma between two");
        }
        for (String node : device.getDeviceNodesList()) {
            if (!node.matches("/dev/[^\\s,]{1,200}")
                    || List.of(node.split("/", -1)).contains("..")) {
                wrong.add(path + ".device_nodes (" + shown(node) + ") must be a path below /dev");
            }
        }
        health(path + ".health", device.getHealth(), wrong);
    }

    private static void attributes(String path, Map<String, String> attributes, List<String> wrong) {
        if (attributes.size() > MOST_ATTRIBUTES) {
            wrong.add(path + " (" + attributes.size() + ") must be at most " + MOST_ATTRIBUTES);
        }
        for (String key : List.of("vendor", "model")) {
            if (attributes.getOrDefault(key, "").isEmpty()) {
                wrong.add(path + "." + key + " () must be there: classes match by it");
            }
        }
        attributes.forEach((key, value) -> {
            if (!key.matches("[A-Za-z0-9]{1,63}")) {
                wrong.add(path + "." + shown(key) + " must be named by 1 to 63 letters and digits");
            }
            if (bytes(value) > MOST_ATTRIBUTE_BYTES) {
                wrong.add(path + "." + shown(key) + " (" + shown(value) + ") must have at most " + MOST_ATTRIBUTE_BYTES
                        + " bytes");
            }
        });
    }

    static List<String> health(HealthChange change, Set<String> known) {
        List<String> wrong = new ArrayList<>();
        if (!known.contains(change.getDeviceName())) {
            wrong.add("health.device_name (" + shown(change.getDeviceName()) + ") must be in the last inventory");
        }
        health("health.health", change.getHealth(), wrong);
        return wrong;
    }

    private static void health(String path, Health health, List<String> wrong) {
        HealthState state = health.getState();
        if (state == HealthState.HEALTH_STATE_UNSPECIFIED || state == HealthState.UNRECOGNIZED) {
            wrong.add(path + ".state (" + health.getStateValue() + ") must be healthy, degraded or failed");
            return;
        }
        int length = health.getCause().length();
        boolean healthy = state == HealthState.HEALTH_STATE_HEALTHY;
        if (healthy ? length > 0 : length == 0 || length > MOST_CAUSE) {
            wrong.add(path + ".cause (" + shown(health.getCause()) + ") must be "
                    + (healthy ? "empty" : "1 to " + MOST_CAUSE + " characters") + " for " + state);
        }
    }

    static List<String> stats(StatsResponse stats, Device device) {
        List<String> wrong = new ArrayList<>();
        if (stats.hasUtilizationMilli()) {
            within("utilization_milli", Integer.toUnsignedLong(stats.getUtilizationMilli()), 0, 1000, wrong);
        }
        if (stats.hasMemoryUsedBytes()) {
            long most = device.getMemoryBytes() > 0 ? device.getMemoryBytes() : Long.MAX_VALUE;
            within("memory_used_bytes", stats.getMemoryUsedBytes(), 0, most, wrong);
        }
        if (stats.hasTemperatureCelsius()) {
            within("temperature_celsius", stats.getTemperatureCelsius(), -60, 250, wrong);
        }
        if (stats.hasPowerMilliwatts()) {
            within("power_milliwatts", stats.getPowerMilliwatts(), 0, MOST_MILLIWATTS, wrong);
        }
        if (stats.getProcessesCount() > MOST_PROCESSES) {
            wrong.add("processes (" + stats.getProcessesCount() + ") must be at most " + MOST_PROCESSES);
        }
        for (Process process : stats.getProcessesList()) {
            within("processes.pid", process.getPid(), 1, Integer.MAX_VALUE, wrong);
            if (process.hasMemoryBytes()) {
                within("processes.memory_bytes", process.getMemoryBytes(), 0, Long.MAX_VALUE, wrong);
            }
        }
        return wrong;
    }

    static List<String> prepared(PrepareResponse answer) {
        List<String> wrong = new ArrayList<>();
        if (answer.getEnvCount() > MOST_ENTRIES) {
            wrong.add("env (" + answer.getEnvCount() + ") must be at most " + MOST_ENTRIES);
        }
        answer.getEnvMap().forEach((name, value) -> {
            if (!name.matches("[A-Za-z_][A-Za-z0-9_]{0,127}") || name.startsWith("INTERPOSER_")) {
                wrong.add(
                        "env." + shown(name) + " must be letters, digits and _, begin with none of the digits, and not"
                                + " be one of Interposer's own");
            }
            if (value.length() > MOST_VALUE || value.indexOf('\0') >= 0) {
                wrong.add("env." + shown(name) + " (" + shown(value) + ") must have at most " + MOST_VALUE
                        + " characters and none of them 0");
            }
        });
        return wrong;
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static void within(String field, long value, long least, long most, List<String> wrong) {
        if (value < least || value > most) {
            wrong.add(field + " (" + value + ") must be from " + least + " to " + most);
        }
    }

    /** What a plugin sent may be of any length and hold anything; it goes into logs. */
    private static String shown(String value) {
        String plain = value.replaceAll("\\p{Cntrl}", "?");
        return plain.length() > 80 ? plain.substring(0, 80) + "…" : plain;
    }
}
