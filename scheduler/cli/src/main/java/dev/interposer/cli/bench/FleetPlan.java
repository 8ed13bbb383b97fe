package dev.interposer.cli.bench;

import dev.interposer.simulation.openb.Trace;
import dev.interposer.simulation.openb.TraceException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * The nodes of a run.
 *
 * @param nodes those on which the measured jobs run
 * @param scarce those of the class that is always full, for which the backlog waits
 */
record FleetPlan(List<PlannedNode> nodes, List<PlannedNode> scarce) {
    static final String SCARCE = "scarce";
    static final String QUEUE = "bench";

    /** Family of all classes but the scarce one. */
    static final String FAMILY = "bench";

    private static final int SCARCE_NODES = 4;
    private static final int NODES_A_RACK = 16;
    private static final int RACKS_A_BLOCK = 16;
    private static final List<String> MODELS = List.of("bench-x1", "bench-x1", "bench-y2", "bench-y2", "bench-z3");

    FleetPlan {
        nodes = List.copyOf(nodes);
        scarce = List.copyOf(scarce);
    }

    /** A simulated node. */
    record PlannedNode(String name, int number, long cpuMilli, long memoryBytes, int devices, String className) {
        private String yaml() {
            String rack = "r" + number / NODES_A_RACK;
            String block = "b" + number / NODES_A_RACK / RACKS_A_BLOCK;
            String chips = devices == 0
                    ? ""
                    : ", devices: {count: " + devices + ", model: " + className + ", vendor: bench, memory: 80G}";
            return "- {name: " + name + ", capacity: {cpu: " + cpuMilli + "m, memory: " + memoryBytes + "}" + chips
                    + ", labels: {site/rack: " + rack + ", site/block: " + block + "}, simulatedSeconds: 1}\n";
        }
    }

    /** Nodes of eight devices of three classes. */
    static FleetPlan synthetic(int count, boolean backlog) {
        List<PlannedNode> nodes = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            String model = MODELS.get(number % MODELS.size());
            nodes.add(new PlannedNode("bench/n" + number, number, 192_000, 2L << 40, 8, model));
        }
        return new FleetPlan(nodes, scarce(backlog));
    }

    /** The nodes of an openb list, over and over until there are so many. */
    static FleetPlan openb(Path file, int count, boolean backlog) throws TraceException {
        List<Trace.Node> list = Trace.nodeList(file);
        List<PlannedNode> nodes = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            Trace.Node node = list.get(number % list.size());
            nodes.add(new PlannedNode(
                    "bench/n" + number,
                    number,
                    node.cpuMilli(),
                    node.memoryBytes(),
                    node.gpus(),
                    className(node.model())));
        }
        return new FleetPlan(nodes, scarce(backlog));
    }

    private static List<PlannedNode> scarce(boolean backlog) {
        List<PlannedNode> nodes = new ArrayList<>();
        for (int number = 0; backlog && number < SCARCE_NODES; number++) {
            nodes.add(new PlannedNode("bench/scarce" + number, number, 192_000, 2L << 40, 8, SCARCE));
        }
        return nodes;
    }

    static String className(String model) {
        return model.toLowerCase(Locale.ROOT);
    }

    int size() {
        return nodes.size() + scarce.size();
    }

    /** The nodes file of one of several agent processes. */
    String nodesFile(int part, int parts) {
        List<PlannedNode> all = new ArrayList<>(nodes);
        all.addAll(scarce);
        StringBuilder yaml = new StringBuilder("nodes:\n");
        for (int at = part; at < all.size(); at += parts) {
            yaml.append(all.get(at).yaml());
        }
        return yaml.toString();
    }

    /** Supplier, classes and queue. */
    String manifest() {
        TreeSet<String> classes = new TreeSet<>(List.of(SCARCE));
        nodes.stream().filter(node -> node.devices() > 0).forEach(node -> classes.add(node.className()));
        StringBuilder yaml = new StringBuilder("""
                apiVersion: interposer.dev/v1alpha1
                kind: Supplier
                metadata: {name: bench}
                spec: {tiers: [Designer]}
                ---
                apiVersion: interposer.dev/v1alpha1
                kind: JobQueue
                metadata: {name: bench}
                spec: {weight: 1}
                """);
        for (String name : classes) {
            yaml.append("""
                    ---
                    apiVersion: interposer.dev/v1alpha1
                    kind: AcceleratorClass
                    metadata: {name: %s}
                    spec:
                      supplierName: bench
                      chipFamily: %s
                      match: [{attributes: {model: %s}}]
                      memory: 80G
                      topology:
                        levels:
                        - {name: scaleup}
                        - {name: node}
                        - {name: rack, nodeLabel: site/rack}
                        - {name: block, nodeLabel: site/block}
                        - {name: cluster}
                    """.formatted(name, name.equals(SCARCE) ? SCARCE : FAMILY, name));
        }
        return yaml.toString();
    }

    long deviceMilli() {
        return nodes.stream().mapToLong(node -> node.devices() * 1000L).sum();
    }

    long cpuMilli() {
        return nodes.stream().mapToLong(PlannedNode::cpuMilli).sum();
    }

    long memoryBytes() {
        return nodes.stream().mapToLong(PlannedNode::memoryBytes).sum();
    }
}
