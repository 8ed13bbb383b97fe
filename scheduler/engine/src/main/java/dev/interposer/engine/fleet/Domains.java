package dev.interposer.engine.fleet;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.state.NodeState;
import java.util.Arrays;
import java.util.List;

/**
 * Which domain of each topology level a node is in.
 *
 * <p>A level is known by a key that names where its domains get their names from, the larger levels of its ladder
 * included: two racks named r1 in two blocks are two domains, and a domain lies in one domain of every larger level.
 */
final class Domains {
    static final String CLUSTER = "cluster";
    static final String NODE = "node";
    static final String SCALE_UP = "scaleup";
    private static final String LABEL = "label:";
    /** No label has it in its name. */
    private static final String THEN = ">";

    private final Interner keys = new Interner();
    private Axis[] axes = new Axis[0];

    private final int clusterKey;

    Domains() {
        clusterKey = key(CLUSTER);
    }

    int clusterKey() {
        return clusterKey;
    }

    /** Number of a level's key, made on first use; nodes that came earlier must be located again. */
    int keyOf(AcceleratorClass chipClass, int step) {
        StringBuilder key = new StringBuilder(source(chipClass.ladder().get(step)));
        if (!key.toString().equals(CLUSTER) && !key.toString().equals(NODE)) {
            for (int larger = step + 1; larger < chipClass.ladder().size(); larger++) {
                String source = source(chipClass.ladder().get(larger));
                if (!source.equals(NODE) && !source.equals(CLUSTER)) {
                    key.append(THEN).append(source);
                }
            }
        }
        return key(key.toString());
    }

    int key(String key) {
        int number = keys.intern(key);
        if (number >= axes.length) {
            axes = Arrays.copyOf(axes, number + 1);
            axes[number] = new Axis();
        }
        return number;
    }

    int keys() {
        return axes.length;
    }

    int count(int key) {
        return axes[key].settled().count();
    }

    String name(int key, int domain) {
        return axes[key].settled().name(domain);
    }

    /** Domain of a node, or −1. */
    int of(int key, int node) {
        return axes[key].settled().of(node);
    }

    /** Changes whenever domains get other numbers. */
    int version(int key) {
        return axes[key].settled().version();
    }

    /** Whether the domains still have the numbers of a version. */
    boolean is(int key, int version) {
        return axes[key].is(version);
    }

    /** Nodes of a domain. */
    int members(int key, int domain) {
        return axes[key].settled().members(domain);
    }

    /** The n-th node of a domain, lowest slot first. */
    int member(int key, int domain, int index) {
        return axes[key].settled().member(domain, index);
    }

    void locate(int slot, NodeState node) {
        for (int key = 0; key < axes.length; key++) {
            locate(key, slot, node);
        }
    }

    void locate(int key, int slot, NodeState node) {
        axes[key].put(slot, nameOf(keys.name(key), node));
    }

    void remove(int slot) {
        for (Axis axis : axes) {
            axis.put(slot, "");
        }
    }

    /** Slots were renumbered: {@code from} has the old one of each. */
    void renumber(int[] from) {
        for (Axis axis : axes) {
            axis.renumber(from);
        }
    }

    private static String source(AcceleratorClass.Level level) {
        return level.nodeLabel().isEmpty() ? level.name() : LABEL + level.nodeLabel();
    }

    /** Name of a node's domain under a key; empty for none. */
    private static String nameOf(String key, NodeState node) {
        String cluster = node.info().cluster();
        if (key.equals(CLUSTER)) {
            return cluster;
        }
        if (key.equals(NODE)) {
            return node.name();
        }
        List<String> sources = List.of(key.split(THEN));
        String own = valueOf(sources.getFirst(), node);
        if (own.isEmpty()) {
            // What has no scale-up domain is one by itself.
            return sources.getFirst().equals(SCALE_UP) ? node.name() : "";
        }
        StringBuilder name = new StringBuilder(cluster);
        for (String source : sources.reversed()) {
            name.append('/').append(valueOf(source, node));
        }
        return name.toString();
    }

    private static String valueOf(String source, NodeState node) {
        if (!source.equals(SCALE_UP)) {
            String label = source.startsWith(LABEL) ? source.substring(LABEL.length()) : source;
            return node.info().labels().getOrDefault(label, "");
        }
        for (Device device : node.devices()) {
            if (!device.report().scaleUpDomain().isEmpty()) {
                return device.report().scaleUpDomain();
            }
        }
        return "";
    }
}
