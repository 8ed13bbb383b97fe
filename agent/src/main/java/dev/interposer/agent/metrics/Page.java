package dev.interposer.agent.metrics;

import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.metrics.Exposition.Family;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.EndCause;
import dev.interposer.proto.agent.v1.Health;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** What a scrape gets, made of facts alone. A measure that a device does not have is absent. */
final class Page {
    private static final List<Health> STATES =
            List.of(Health.HEALTH_HEALTHY, Health.HEALTH_SUSPECT, Health.HEALTH_DRAINING, Health.HEALTH_FAILED);
    private static final long THOUSAND = 1000;

    private final Exposition out = new Exposition();
    private final List<NodeFacts> nodes;
    private final List<Labelled> devices = new ArrayList<>();
    private final long nowUnixMillis;

    /** A device with the labels that all its samples bear. */
    private record Labelled(Map<String, String> labels, DeviceFacts facts) {}

    private Page(List<NodeFacts> nodes, long nowUnixMillis) {
        this.nodes = nodes;
        this.nowUnixMillis = nowUnixMillis;
        for (NodeFacts node : nodes) {
            for (DeviceFacts facts : node.devices()) {
                Device device = facts.device();
                Map<String, String> labels = new TreeMap<>(of(node));
                labels.put("device", device.getName());
                labels.put("model", device.getAttributesOrDefault("model", ""));
                labels.put("vendor", device.getAttributesOrDefault("vendor", ""));
                devices.add(new Labelled(labels, facts));
            }
        }
    }

    static String of(List<NodeFacts> nodes, OwnProcess process, long nowUnixMillis) {
        Page page = new Page(nodes, nowUnixMillis);
        page.own(process);
        page.links();
        page.workers();
        page.drivers();
        page.what();
        page.measures();
        page.health();
        return page.out.toString();
    }

    private void own(OwnProcess process) {
        gauge("build_info", "Version of the agent.").sample(Map.of("version", process.version()), 1);
        own(
                out.gauge("process_resident_memory_bytes", "Resident memory of the agent."),
                process.residentBytes(),
                THOUSAND);
        own(out.counter("process_cpu_seconds_total", "Processor time of the agent."), process.processorMillis(), 1);
        own(
                out.gauge("process_start_time_seconds", "When the agent began, in seconds since 1970."),
                process.startUnixMillis(),
                1);
    }

    private static void own(Family family, long value, long thousandths) {
        if (value != OwnProcess.UNKNOWN) {
            family.thousandths(Map.of(), value * thousandths);
        }
    }

    private void links() {
        Family connected = gauge("connected", "1 if a scheduler has welcomed the node and the stream stands.");
        nodes.forEach(node -> connected.sample(of(node), node.connected() ? 1 : 0));
        Family heartbeat =
                gauge("heartbeat_timestamp_seconds", "When the last heartbeat was sent, in seconds since 1970.");
        nodes.forEach(node -> moment(heartbeat, node, node.heartbeatAgeMillis()));
        Family leader = gauge("leader_heard_timestamp_seconds", "When a leader was last heard, in seconds since 1970.");
        nodes.forEach(node -> moment(leader, node, node.leaderAgeMillis()));
    }

    private void moment(Family family, NodeFacts node, long ageMillis) {
        if (ageMillis != NodeFacts.NEVER) {
            family.thousandths(of(node), nowUnixMillis - ageMillis);
        }
    }

    private void workers() {
        Family workers = gauge("workers", "Workers by what they do; unreported: ended, not confirmed.");
        nodes.forEach(node -> new TreeMap<>(node.workers())
                .forEach((state, count) -> workers.sample(Exposition.with(of(node), "state", state), count)));
        Family ends = out.counter(name("worker_ends_total"), "Workers that ended since the agent began, by cause.");
        for (NodeFacts node : nodes) {
            for (EndCause cause : EndCause.values()) {
                if (cause != EndCause.UNRECOGNIZED && cause != EndCause.END_CAUSE_UNSPECIFIED) {
                    ends.sample(
                            Exposition.with(of(node), "cause", word(cause, "END_CAUSE_")),
                            node.ends().getOrDefault(cause, 0L));
                }
            }
        }
        Family journal = gauge("journal_size_bytes", "Size of the journal.");
        nodes.forEach(node -> journal.sample(of(node), node.journalBytes()));
    }

    private void drivers() {
        Family answers = gauge("driver_answers", "1 if the driver answered when it was last asked what there is.");
        nodes.forEach(node -> new TreeMap<>(node.drivers())
                .forEach((driver, does) -> answers.sample(Exposition.with(of(node), "driver", driver), does ? 1 : 0)));
    }

    private void what() {
        Family info = gauge("device_info", "What the device is.");
        for (Labelled each : devices) {
            Device device = each.facts.device();
            Map<String, String> labels = new TreeMap<>(each.labels);
            labels.put("driver", device.getAttributesOrDefault("driver", ""));
            labels.put("driver_version", device.getAttributesOrDefault("driverVersion", ""));
            labels.put("parent", device.getParentName());
            labels.put("partition", device.getPartition());
            info.sample(labels, 1);
        }
        Family size = gauge("device_memory_size_bytes", "Memory of the device.");
        for (Labelled each : devices) {
            long bytes = each.facts.device().getMemoryBytes();
            if (bytes > 0) {
                size.sample(each.labels, bytes);
            }
        }
    }

    private void measures() {
        measure("utilization_ratio", "Share of full use, 0 to 1.", Reading::utilizationMilli, 1);
        measure("memory_used_bytes", "Memory of the device that is in use.", Reading::memoryUsedBytes, THOUSAND);
        measure("temperature_celsius", "Temperature of the device.", Reading::temperatureCelsius, THOUSAND);
        measure("power_watts", "Power that the device draws.", Reading::powerMilliwatts, 1);
        Family foreign = gauge("device_foreign_processes", "Processes on the device that belong to no worker.");
        for (Labelled each : devices) {
            if (!each.facts.reading().equals(Reading.NONE)) {
                foreign.sample(each.labels, each.facts.foreign());
            }
        }
    }

    private void measure(String measure, String help, ToLongFunction<Reading> value, long thousandths) {
        Family family = gauge("device_" + measure, help);
        for (Labelled each : devices) {
            long measured = value.applyAsLong(each.facts.reading());
            if (measured != Reading.UNKNOWN) {
                family.thousandths(each.labels, measured * thousandths);
            }
        }
    }

    private void health() {
        Family health = gauge("device_health", "1 for the state in which the device is, 0 for the others.");
        for (Labelled each : devices) {
            for (Health state : STATES) {
                health.sample(
                        Exposition.with(each.labels, "state", word(state, "HEALTH_")),
                        each.facts.device().getHealth() == state ? 1 : 0);
            }
        }
        Family signals = out.counter(
                name("device_signals_total"), "Signals of the device since the agent began, by kind and code.");
        for (Labelled each : devices) {
            new TreeMap<>(each.facts.signals())
                    .forEach((of, count) -> signals.sample(
                            Exposition.with(
                                    Exposition.with(each.labels, "kind", word(of.kind(), "")), "code", of.code()),
                            count));
        }
    }

    private Family gauge(String name, String help) {
        return out.gauge(name(name), help);
    }

    private static String name(String name) {
        return "interposer_agent_" + name;
    }

    private static Map<String, String> of(NodeFacts node) {
        return Map.of("node", node.node());
    }

    private static String word(Enum<?> constant, String prefix) {
        return constant.name().substring(prefix.length()).toLowerCase(Locale.ROOT);
    }
}
