package dev.interposer.engine.fleet;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.state.NodeState;
import java.util.Arrays;

/** Which domain of each topology level a node is in. A level is a key: a node label, or one of the built-in ones. */
final class Domains {
    static final String CLUSTER = "cluster";
    static final String NODE = "node";
    static final String SCALE_UP = "scaleup";
    private static final int[] NOWHERE = new int[0];

    private final Interner keys = new Interner();
    private Interner[] names = new Interner[0];
    private int[][] domainOfNode = new int[0][];

    Domains() {
        key(CLUSTER);
    }

    /** Number of a key, made on first use; nodes that came earlier must be located again. */
    int key(String key) {
        int number = keys.intern(key);
        if (number >= names.length) {
            names = Arrays.copyOf(names, number + 1);
            names[number] = new Interner();
            domainOfNode = Arrays.copyOf(domainOfNode, number + 1);
            domainOfNode[number] = NOWHERE;
        }
        return number;
    }

    /** Number of the key of a class's level, or −1 when the class has no such level. */
    int keyOfLevel(AcceleratorClass chipClass, String level) {
        for (AcceleratorClass.Level step : chipClass.ladder()) {
            if (step.name().equals(level)) {
                return key(step.nodeLabel().isEmpty() ? step.name() : "label:" + step.nodeLabel());
            }
        }
        return level.equals(CLUSTER) || level.equals(NODE) ? key(level) : -1;
    }

    int keys() {
        return keys.size();
    }

    int count(int key) {
        return names[key].size();
    }

    String name(int key, int domain) {
        return names[key].name(domain);
    }

    /** Domain of a node, or −1. */
    int of(int key, int node) {
        int[] domains = domainOfNode[key];
        return node < domains.length ? domains[node] : -1;
    }

    void locate(int slot, NodeState node) {
        for (int key = 0; key < keys.size(); key++) {
            int[] domains = domainOfNode[key];
            if (slot >= domains.length) {
                int old = domains.length;
                domains = Arrays.copyOf(domains, Math.max(slot + 1, old * 2));
                Arrays.fill(domains, old, domains.length, -1);
                domainOfNode[key] = domains;
            }
            String name = nameOf(keys.name(key), node);
            domains[slot] = name.isEmpty() ? -1 : names[key].intern(name);
        }
    }

    /** Name of a node's domain under a key; empty for none. Every domain lies in one cluster. */
    private static String nameOf(String key, NodeState node) {
        String cluster = node.info().cluster();
        return switch (key) {
            case CLUSTER -> cluster;
            case NODE -> node.name();
            case SCALE_UP -> scaleUp(node, cluster);
            default -> {
                String label = key.startsWith("label:") ? key.substring("label:".length()) : key;
                String value = node.info().labels().getOrDefault(label, "");
                yield value.isEmpty() ? "" : cluster + "/" + value;
            }
        };
    }

    private static String scaleUp(NodeState node, String cluster) {
        for (Device device : node.devices()) {
            if (!device.report().scaleUpDomain().isEmpty()) {
                return cluster + "/" + device.report().scaleUpDomain();
            }
        }
        return node.name();
    }
}
