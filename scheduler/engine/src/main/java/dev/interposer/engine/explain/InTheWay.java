package dev.interposer.engine.explain;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.Partition;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.Hold;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What others still have of a place that is kept: its devices, or else a resource of its nodes. */
final class InTheWay {
    private final State state;
    private final Reservation kept;
    private final List<Role> roles;
    private final @Nullable AcceleratorClass chipClass;
    /** Thousandths of shared devices that are taken, the shares of this place by and by with them. */
    private final Map<Long, Long> takenMilli = new HashMap<>();
    /** What is left of each node's resources, likewise. */
    private final Map<Long, Map<String, Long>> left = new HashMap<>();

    private String domain = "";
    private long missing;
    private String resource = "";

    private InTheWay(GangState gang, Reservation kept, State state) {
        this.state = state;
        this.kept = kept;
        this.roles = gang.job().spec().profiles().get(kept.profile()).roles();
        this.chipClass = state.settings().acceleratorClass(kept.className());
    }

    static InTheWay of(GangState gang, Reservation kept, State state) {
        InTheWay found = new InTheWay(gang, kept, state);
        found.devices();
        if (found.missing == 0) {
            found.resources();
        }
        if (found.missing == 0 && !kept.workers().isEmpty()) {
            NodeState first = state.nodes().find(kept.workers().getFirst().nodeId());
            found.domain = first == null ? "" : first.name();
        }
        return found;
    }

    /** The first node with something in the way; the first of the place where nothing is. */
    String domain() {
        return domain;
    }

    /** Devices that are not free, or workers who lack the resource. */
    long missing() {
        return missing;
    }

    /** Empty where devices are in the way, or nothing. */
    String resource() {
        return resource;
    }

    private void lacks(NodeState node, long more) {
        domain = missing == 0 && more > 0 ? node.name() : domain;
        missing += more;
    }

    private void devices() {
        for (WorkerPlacement place : kept.workers()) {
            NodeState node = state.nodes().find(place.nodeId());
            if (node != null) {
                AcceleratorRequest asked = roles.get(place.role()).accelerators();
                lacks(
                        node,
                        place.devices().stream()
                                .filter(device -> busy(device, place, asked, node))
                                .count());
            }
        }
    }

    private boolean busy(long device, WorkerPlacement place, AcceleratorRequest asked, NodeState node) {
        if (node.holds().stream().map(Hold::devices).anyMatch(held -> held.contains(device))) {
            return true;
        }
        List<WorkerState> others = node.workers().stream()
                .filter(worker -> worker.placement().devices().contains(device))
                .toList();
        Device known = node.device(device);
        if (known != null && known.report().isForeign()) {
            return true;
        }
        boolean splits = !asked.partition().isEmpty()
                && (known == null || known.report().partition().isEmpty());
        if (asked.shared()) {
            long taken = takenMilli.computeIfAbsent(
                    device, id -> others.stream().mapToLong(InTheWay::milli).sum());
            takenMilli.put(device, taken + asked.shareMilli());
            return taken + asked.shareMilli() > AcceleratorRequest.WHOLE;
        }
        return splits
                ? others.stream().anyMatch(other -> overlaps(other, place.start(), asked.partition()))
                : !others.isEmpty();
    }

    private static long milli(WorkerState worker) {
        AcceleratorRequest has = worker.role().accelerators();
        return has.partition().isEmpty() ? has.shareMilli() : AcceleratorRequest.WHOLE;
    }

    private boolean overlaps(WorkerState other, int start, String partition) {
        String theirs = other.role().accelerators().partition();
        int first = other.placement().start();
        return theirs.isEmpty() || (first < start + slots(partition) && start < first + slots(theirs));
    }

    private int slots(String partition) {
        Partition known = chipClass == null ? null : chipClass.partition(partition);
        return known == null ? 0 : known.slots();
    }

    private void resources() {
        for (WorkerPlacement place : kept.workers()) {
            NodeState node = state.nodes().find(place.nodeId());
            if (node != null) {
                Map<String, Long> has = left.computeIfAbsent(node.id(), id -> left(node));
                // In the order of names, so that equal states name the same.
                new TreeMap<>(roles.get(place.role()).requests())
                        .forEach((name, amount) -> has.merge(name, -amount, Long::sum));
                String lacking = new TreeMap<>(has)
                        .entrySet().stream()
                                .filter(entry -> entry.getValue() < 0)
                                .map(Map.Entry::getKey)
                                .findFirst()
                                .orElse("");
                lacks(node, lacking.isEmpty() ? 0 : 1);
                resource = resource.isEmpty() ? lacking : resource;
            }
        }
    }

    private static Map<String, Long> left(NodeState node) {
        Map<String, Long> left = new HashMap<>(node.info().capacity());
        for (WorkerState worker : node.workers()) {
            worker.role().requests().forEach((name, amount) -> left.merge(name, -amount, Long::sum));
        }
        return left;
    }
}
