package dev.interposer.control.core;

import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.DeviceSlice;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.Hold;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The devices of nodes: what agents report of them, and which class each one is of. */
final class Inventory {
    private static final String VANISHED = "its agent reports it no more";

    private final State state;
    private final PageDraft page;
    private final GangLifecycle gangs;
    private final SliceCordons slices;
    private final Classifier classifier;
    private final ArrayDeque<Long> unclassified = new ArrayDeque<>();

    Inventory(State state, PageDraft page, GangLifecycle gangs, SliceCordons slices, Classifier classifier) {
        this.slices = slices;
        this.classifier = classifier;
        this.state = state;
        this.page = page;
        this.gangs = gangs;
        // A class may have changed in the last page of an earlier leader, with nodes left to look at.
        reclassify();
    }

    /** The node as it is after its agent's report. */
    NodeState report(Actor actor, NodeReport report) {
        NodeState node = state.nodes().find(report.info().name());
        long nextId = state.settings().nextId();
        long nodeId = node == null ? nextId++ : node.id();
        Map<String, Device> known = new TreeMap<>();
        if (node != null) {
            node.devices().forEach(device -> known.put(device.report().name(), device));
        }
        List<Device> devices = new ArrayList<>();
        for (DeviceReport device : report.devices()) {
            Device before = known.remove(device.name());
            devices.add(classifier.classify(
                    before == null ? nextId++ : before.id(),
                    device,
                    report.info(),
                    state.settings().classes()));
        }
        if (node != null) {
            devices.addAll(vanished(node, known));
        }
        boolean same = node != null
                && node.info().equals(report.info())
                && List.copyOf(node.devices()).equals(devices);
        Set<DeviceSlice> before = node == null ? Set.of() : slices.slices(node, device -> true);
        if (!same) {
            page.add(actor, new FleetEvent.NodeReported(nodeId, report.info(), devices));
        }
        NodeState now = state.nodes().find(nodeId);
        if (now == null) {
            throw new IllegalStateException("node " + report.info().name() + " did not come");
        }
        if (!same) {
            slices.reported(now, before);
        }
        return now;
    }

    /** The health of one device of a node changed, in the event before. */
    void healthChanged(Actor actor, NodeState node) {
        slices.failed(node);
        stopOnFailed(actor, node);
    }

    /** Work on a device that failed is stopped, to run elsewhere. */
    void stopOnFailed(Actor actor, NodeState node) {
        for (WorkerState worker : node.workers()) {
            boolean failed = worker.placement().devices().stream()
                    .mapToObj(node::device)
                    .anyMatch(device -> device != null && device.report().health() == Health.FAILED);
            if (failed && !worker.ended()) {
                gangs.stop(actor, worker.gang(), StopCause.DEVICE_FAILED);
            }
        }
    }

    /** Classes changed: every device is to be matched anew. */
    void reclassify() {
        unclassified.clear();
        state.nodes().all().forEach(node -> unclassified.addLast(node.id()));
    }

    /** Whether nodes are left to look at. */
    boolean hasWork() {
        return !unclassified.isEmpty();
    }

    /** Looks at nodes as far as the page has room: a fleet does not fit into one page. */
    void classify(long weightBound) {
        while (!unclassified.isEmpty() && page.weight() < weightBound) {
            NodeState node = state.nodes().find(unclassified.removeFirst());
            if (node == null) {
                continue;
            }
            List<Device> devices = node.devices().stream()
                    .map(device -> classifier.classify(
                            device.id(),
                            device.report(),
                            node.info(),
                            state.settings().classes()))
                    .toList();
            if (!devices.equals(List.copyOf(node.devices()))) {
                page.add(Actor.SCHEDULER, new FleetEvent.NodeReported(node.id(), node.info(), devices));
            }
        }
    }

    /**
     * Devices that left the report while work has them. Forgetting them would be wrong: one that comes back would get
     * a new id, be
     * free, and be given twice.
     */
    private static List<Device> vanished(NodeState node, Map<String, Device> unreported) {
        Set<Long> taken = new HashSet<>();
        node.workers().forEach(worker -> worker.placement().devices().stream().forEach(taken::add));
        for (Hold hold : node.holds()) {
            hold.devices().stream().forEach(taken::add);
        }
        return unreported.values().stream()
                .filter(device -> taken.contains(device.id()))
                .map(device -> new Device(
                        device.id(),
                        device.className(),
                        device.quarantineReason(),
                        device.report().withHealth(Health.FAILED, VANISHED)))
                .toList();
    }
}
