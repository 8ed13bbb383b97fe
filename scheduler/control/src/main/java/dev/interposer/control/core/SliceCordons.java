package dev.interposer.control.core;

import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceSlice;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Keeps new work off devices whose driver or firmware version failed elsewhere.
 *
 * <p><b>Goals.</b> A bad version costs the work of a few nodes and not of all that run it.
 *
 * <p><b>Constraints.</b> What runs goes on. A version that most of a class has can't be told from the class, and to
 * cordon all of it would be worse than any fault: then only the nodes that failed are cordoned. An operator's word
 * stands: a node that was let in again is cordoned anew only after one more failure. A node that is only looked at is a
 * witness, and is neither cordoned nor counted among those that work can go to.
 *
 * <p><b>Algorithm.</b> At each new failure the nodes with a failed device of the same class and version are counted
 * over the window, one for a node, as one fault often takes all devices of a node with it. Nodes that come with a
 * version for whose sake others are cordoned are cordoned when they come, and let in again when they come with another.
 */
final class SliceCordons {
    private record Due(long nodeId, DeviceSlice slice, String reason) {}

    /**
     * Nodes of a slice.
     *
     * @param failed ids of those with a device that failed within the window
     * @param having ids of all
     * @param ofClass how many have devices of its class
     */
    private record Tally(List<Long> failed, List<Long> having, int ofClass) {
        boolean isMost(SlicePolicy policy) {
            return having.size() * 100L > (long) ofClass * policy.mostPercent();
        }
    }

    private static final long MINUTE = 60_000_000;

    private final State state;
    private final PageDraft page;
    private final SlicePolicy policy;
    /** Those for whose sake a node was cordoned at any time: whoever comes is compared with these few first. */
    private final Set<DeviceSlice> cordonedOnce = new HashSet<>();

    private final Deque<Due> due = new ArrayDeque<>();

    SliceCordons(State state, PageDraft page, SlicePolicy policy) {
        this.state = state;
        this.page = page;
        this.policy = policy;
        for (NodeState node : state.nodes().all()) {
            if (node.cordonedSlice() != null) {
                cordonedOnce.add(node.cordonedSlice());
            }
        }
    }

    /** Slices of a node's devices that match, such as all that have failed. */
    Set<DeviceSlice> slices(NodeState node, Predicate<Device> which) {
        Set<DeviceSlice> slices = new LinkedHashSet<>();
        for (Device device : node.devices()) {
            if (!device.className().isEmpty() && which.test(device)) {
                for (String attribute : policy.attributes()) {
                    String value = device.report().attributes().getOrDefault(attribute, "");
                    if (!value.isEmpty()) {
                        slices.add(new DeviceSlice(device.className(), attribute, value));
                    }
                }
            }
        }
        return slices;
    }

    /** Looks at what failed in the event that was just written. */
    void failed(NodeState node) {
        if (policy.failedNodes() > 0) {
            slices(node, device -> node.failedSinceMicros(device.id()) == page.atMicros())
                    .forEach(this::judge);
        }
    }

    /**
     * A node was reported that had devices of other slices before, or none. It is let in once its devices say another
     * version: one that lists none, as when its driver does not answer in time, has said nothing of it.
     */
    void reported(NodeState node, Set<DeviceSlice> before) {
        DeviceSlice cordoned = node.cordonedSlice();
        if (cordoned != null && saysAnother(node, cordoned)) {
            page.add(Actor.SCHEDULER, new FleetEvent.NodeCordoned(node.id(), false));
        }
        Set<DeviceSlice> fresh = slices(node, device -> true);
        fresh.removeAll(before);
        fresh.retainAll(cordonedOnce);
        if (!node.cordoned() && !node.info().observed()) {
            fresh.forEach(slice -> join(node, slice));
        }
        failed(node);
    }

    private static boolean saysAnother(NodeState node, DeviceSlice slice) {
        boolean says = false;
        for (Device device : node.devices()) {
            if (slice.holds(device)) {
                return false;
            }
            says |= device.className().equals(slice.className())
                    && !device.report()
                            .attributes()
                            .getOrDefault(slice.attribute(), "")
                            .isEmpty();
        }
        return says;
    }

    /** A node that comes with a version for whose sake others are cordoned still. */
    private void join(NodeState node, DeviceSlice slice) {
        if (tally(slice).isMost(policy)) {
            return;
        }
        for (NodeState other : state.nodes().all()) {
            if (slice.equals(other.cordonedSlice())) {
                due.addLast(new Due(node.id(), slice, other.cordonReason()));
                return;
            }
        }
    }

    boolean hasWork() {
        return !due.isEmpty();
    }

    /** Cordons what is due, as far as the page has room. */
    void cordon(long weightBound) {
        while (!due.isEmpty() && page.weight() < weightBound) {
            Due next = due.removeFirst();
            NodeState node = state.nodes().find(next.nodeId());
            boolean open = node != null && !node.cordoned() && !node.info().observed();
            if (node != null && open && node.devices().stream().anyMatch(next.slice()::holds)) {
                cordonedOnce.add(next.slice());
                page.add(Actor.SCHEDULER, new FleetEvent.SliceCordoned(node.id(), next.slice(), next.reason()));
            }
        }
    }

    private void judge(DeviceSlice slice) {
        Tally tally = tally(slice);
        if (tally.failed().size() < policy.failedNodes()) {
            return;
        }
        boolean most = tally.isMost(policy);
        String said = "devices of " + slice.words() + " failed on "
                + tally.failed().size() + " nodes within " + policy.windowMicros() / MINUTE + " min";
        String reason = most
                ? said + "; new work goes on elsewhere: " + tally.having().size() + " of " + tally.ofClass()
                        + " nodes of the class have it"
                : said;
        Set<Long> known = new HashSet<>();
        due.forEach(waiting -> known.add(waiting.nodeId()));
        for (long node : most ? tally.failed() : tally.having()) {
            if (known.add(node)) {
                due.addLast(new Due(node, slice, reason));
            }
        }
    }

    private Tally tally(DeviceSlice slice) {
        long since = page.atMicros() - policy.windowMicros();
        List<Long> failed = new ArrayList<>();
        List<Long> having = new ArrayList<>();
        int ofClass = 0;
        for (NodeState node : state.nodes().all()) {
            boolean has = false;
            boolean counts = false;
            boolean isOfClass = false;
            for (Device device : node.devices()) {
                isOfClass |= device.className().equals(slice.className());
                if (slice.holds(device)) {
                    has = true;
                    counts |= node.failedSinceMicros(device.id()) >= since;
                }
            }
            boolean forWork = !node.info().observed();
            ofClass += forWork && isOfClass ? 1 : 0;
            if (has && forWork) {
                having.add(node.id());
            }
            if (counts) {
                failed.add(node.id());
            }
        }
        return new Tally(failed, having, ofClass);
    }
}
