package dev.interposer.engine.fleet;

import java.util.Arrays;

/**
 * The domains of one topology level and the nodes in each.
 *
 * <p>Domains are numbered by their first node, so that the same nodes give the same numbers on every machine. A change
 * that breaks this order is put right when somebody looks next.
 */
final class Axis {
    private static final int[] NOBODY = new int[0];

    private Interner names = new Interner();
    private int[] domainOfNode = new int[0];
    private int[][] members = new int[0][];
    private int[] sizes = new int[0];
    private int lastAppended = -1;
    private boolean stale;
    private int version;

    /** Puts a node into the domain of that name; empty for none. Only {@link #settled} may be read from then on. */
    void put(int node, String name) {
        ensureNode(node);
        int before = domainOfNode[node];
        if (name.isEmpty() ? before < 0 : before >= 0 && names.name(before).equals(name)) {
            return;
        }
        int domain = name.isEmpty() ? -1 : names.intern(name);
        domainOfNode[node] = domain;
        if (stale) {
            return;
        }
        if (domain < 0 && members[before][0] != node) {
            leave(before, node);
        } else if (before >= 0 || node < lastAppended) {
            stale = true;
        } else {
            append(domain, node);
        }
    }

    /** A node that is not the first of its domain goes; no number changes. */
    private void leave(int domain, int node) {
        int at = Arrays.binarySearch(members[domain], 0, sizes[domain], node);
        sizes[domain]--;
        System.arraycopy(members[domain], at + 1, members[domain], at, sizes[domain] - at);
    }

    /** Whether the numbers are still those of a version. */
    boolean is(int someVersion) {
        return !stale && version == someVersion;
    }

    Axis settled() {
        if (stale) {
            settle();
        }
        return this;
    }

    int of(int node) {
        return node < domainOfNode.length ? domainOfNode[node] : -1;
    }

    int count() {
        return names.size();
    }

    String name(int domain) {
        return names.name(domain);
    }

    int version() {
        return version;
    }

    int members(int domain) {
        return sizes[domain];
    }

    int member(int domain, int index) {
        return members[domain][index];
    }

    /** Slots were renumbered: {@code from} has the old one of each. */
    void renumber(int[] from) {
        ensureNode(from.length);
        for (int slot = 0; slot < from.length; slot++) {
            ensureNode(from[slot]);
            domainOfNode[slot] = domainOfNode[from[slot]];
        }
        Arrays.fill(domainOfNode, from.length, domainOfNode.length, -1);
        stale = true;
    }

    private void append(int domain, int node) {
        lastAppended = node;
        if (domain >= members.length) {
            int old = members.length;
            members = Arrays.copyOf(members, Math.max(domain + 1, old * 2));
            Arrays.fill(members, old, members.length, NOBODY);
            sizes = Arrays.copyOf(sizes, members.length);
        }
        if (sizes[domain] == members[domain].length) {
            members[domain] = Arrays.copyOf(members[domain], Math.max(4, sizes[domain] * 2));
        }
        members[domain][sizes[domain]++] = node;
    }

    private void settle() {
        Interner old = names;
        int[] numberOf = new int[old.size()];
        Arrays.fill(numberOf, -1);
        names = new Interner();
        members = new int[0][];
        sizes = new int[0];
        lastAppended = -1;
        for (int node = 0; node < domainOfNode.length; node++) {
            int before = domainOfNode[node];
            if (before >= 0) {
                if (numberOf[before] < 0) {
                    numberOf[before] = names.intern(old.name(before));
                }
                domainOfNode[node] = numberOf[before];
                append(numberOf[before], node);
            }
        }
        stale = false;
        version++;
    }

    private void ensureNode(int node) {
        if (node >= domainOfNode.length) {
            int old = domainOfNode.length;
            domainOfNode = Arrays.copyOf(domainOfNode, Math.max(node + 1, old * 2));
            Arrays.fill(domainOfNode, old, domainOfNode.length, -1);
        }
    }
}
