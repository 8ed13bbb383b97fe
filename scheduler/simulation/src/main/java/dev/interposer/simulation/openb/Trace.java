package dev.interposer.simulation.openb;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * One run of a trace.
 *
 * @param nodes in the order of their labels: among equals the first is taken
 * @param pods the list, by name
 * @param arrivals places in {@code pods}, in the order of arrival
 */
public record Trace(List<Node> nodes, List<Pod> pods, List<Integer> arrivals) {
    private static final long MEBIBYTE = 1L << 20;

    /** A node and its alike devices. */
    public record Node(String name, long cpuMilli, long memoryBytes, int gpus, String model) {}

    /**
     * A pod.
     *
     * @param gpuMilli thousandths of one device, for each of its devices
     * @param models models that it may have; empty for any
     */
    public record Pod(String name, long cpuMilli, long memoryBytes, int gpus, int gpuMilli, Set<String> models) {
        /** Thousandths of devices in all. */
        public long milli() {
            return (long) gpus * gpuMilli;
        }
    }

    /** The files of a run. */
    public record Files(Path nodes, Path pods, Path order, Path labels) {}

    public Trace {
        nodes = List.copyOf(nodes);
        pods = List.copyOf(pods);
        arrivals = List.copyOf(arrivals);
    }

    public static Trace read(Files files, int seed) throws TraceException {
        List<Node> byName = nodes(Csv.read(files.nodes()));
        List<Pod> pods = pods(Csv.read(files.pods()));
        List<Integer> labels = ranks(Csv.read(files.labels()), seed, byName.size());
        if (Set.copyOf(labels).size() != byName.size()) {
            throw new TraceException(files.labels() + " labels "
                    + Set.copyOf(labels).size() + " of " + byName.size() + " nodes for seed " + seed);
        }
        return new Trace(
                labels.stream().map(byName::get).toList(), pods, ranks(Csv.read(files.order()), seed, pods.size()));
    }

    /** The nodes of a list, by name. */
    public static List<Node> nodeList(Path file) throws TraceException {
        return nodes(Csv.read(file));
    }

    /** The pods of a list, by name. */
    public static List<Pod> podList(Path file) throws TraceException {
        return pods(Csv.read(file));
    }

    /** How long each pod of a list lived, seconds; empty for a list that does not say. */
    public static Map<String, Long> lifetimes(Path file) throws TraceException {
        Csv csv = Csv.read(file);
        Map<String, Long> lifetimes = new HashMap<>();
        if (csv.optionalColumn("deletion_time") >= 0) {
            for (int row = 0; row < csv.size(); row++) {
                long created = csv.number(row, csv.column("creation_time"), 0, 1L << 40);
                long deleted = csv.number(row, csv.column("deletion_time"), 0, 1L << 40);
                lifetimes.put(csv.text(row, csv.column("name")), Math.max(0, deleted - created));
            }
        }
        return lifetimes;
    }

    /** Thousandths of devices that the nodes have. */
    public long capacityMilli() {
        return nodes.stream().mapToLong(node -> node.gpus() * 1000L).sum();
    }

    private static List<Node> nodes(Csv csv) throws TraceException {
        List<Node> nodes = new ArrayList<>();
        for (int row = 0; row < csv.size(); row++) {
            nodes.add(new Node(
                    csv.text(row, csv.column("sn")),
                    csv.number(row, csv.column("cpu_milli"), 0, 1L << 40),
                    csv.number(row, csv.column("memory_mib"), 0, 1L << 30) * MEBIBYTE,
                    (int) csv.number(row, csv.column("gpu"), 0, 1024),
                    csv.text(row, csv.column("model"))));
        }
        nodes.sort(Comparator.comparing(Node::name));
        return nodes;
    }

    private static List<Pod> pods(Csv csv) throws TraceException {
        List<Pod> pods = new ArrayList<>();
        for (int row = 0; row < csv.size(); row++) {
            int spec = csv.optionalColumn("gpu_spec");
            String models = spec < 0 ? "" : csv.text(row, spec);
            Set<String> set = models.isEmpty() ? Set.of() : new TreeSet<>(List.of(models.split("\\|", -1)));
            pods.add(new Pod(
                    csv.text(row, csv.column("name")),
                    csv.number(row, csv.column("cpu_milli"), 0, 1L << 40),
                    csv.number(row, csv.column("memory_mib"), 0, 1L << 30) * MEBIBYTE,
                    (int) csv.number(row, csv.column("num_gpu"), 0, 64),
                    (int) csv.number(row, csv.column("gpu_milli"), 0, 1000),
                    Collections.unmodifiableSet(set)));
        }
        pods.sort(Comparator.comparing(Pod::name));
        return pods;
    }

    /** The column of a seed, down to its first empty cell. */
    private static List<Integer> ranks(Csv csv, int seed, int most) throws TraceException {
        int column = csv.column("seed" + seed);
        List<Integer> ranks = new ArrayList<>();
        for (int row = 0; row < csv.size() && !csv.text(row, column).isEmpty(); row++) {
            ranks.add((int) csv.number(row, column, 0, most - 1L));
        }
        return ranks;
    }
}
