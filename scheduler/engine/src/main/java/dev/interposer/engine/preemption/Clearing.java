package dev.interposer.engine.preemption;

import dev.interposer.engine.fairness.QueueTree;
import dev.interposer.engine.fairness.Take;
import dev.interposer.engine.fit.Demand.ProfileDemand;
import dev.interposer.engine.fit.Demand.ProfileDemand.ClassOption;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.placement.Bounds;
import dev.interposer.engine.placement.GangPlacer;
import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds where a gang would fit if others were gone, and which of them must be.
 *
 * <p><b>Goals.</b> The cheapest to ask are asked first, and none is asked whose going does not help.
 *
 * <p><b>Constraints.</b> Changes nothing: whatever is taken out for a try is put back in the opposite order. The
 * limits of the gang's queues hold once the others are gone.
 *
 * <p><b>Algorithm.</b> For each node that has the class: how dear it is to make room for one worker there, taking its
 * gangs out from the cheapest up. Nodes in the order of that price; the gangs of the first 1, 2, 4, 8 … nodes are
 * taken out until the whole gang finds a place. Then each of those gangs, the dearest first, is put back if the place
 * stays free without its going; those that could not be put back are the answer. So at most log(nodes) placements are
 * tried, and the answer has no member that could be left out by itself. In a large fleet the first look is at a few
 * hundred nodes of the class, and at all of them only where there is no place among those.
 */
public final class Clearing {
    /** In a large fleet a place is looked for among so many nodes first. */
    private static final int FEW_NODES = 512;

    /** Jobs that came one after another begin far from each other. */
    private static final long SPREAD = 7919;

    private final State state;
    private final Holdings holdings;
    private final GangPlacer placer;

    /**
     * Where a gang would fit.
     *
     * @param place on devices that the gangs of {@code leaves} still have
     * @param leaves who must go first; never empty
     */
    public record Cleared(Placement place, List<Leave> leaves) {}

    /**
     * What is to be placed.
     *
     * @param gang for whom
     * @param option null for work without devices
     * @param take the smallest start, for its queue
     */
    public record Wanted(
            GangState gang, ProfileDemand profile, @Nullable ClassOption option, Bounds bounds, Take take) {}

    /** A node and those who would have to leave it. */
    private record NodeRoom(int slot, long price, List<Leave> leaves) {
        static final Comparator<NodeRoom> CHEAPEST = Comparator.comparingLong(NodeRoom::price)
                .thenComparingInt(room -> room.leaves().size())
                .thenComparingInt(NodeRoom::slot);
    }

    public Clearing(State state, Holdings holdings, GangPlacer placer) {
        this.state = state;
        this.holdings = holdings;
        this.placer = placer;
    }

    public @Nullable Cleared find(Wanted wanted, Price price) {
        Cleared found = find(wanted, price, rooms(wanted, price, FEW_NODES));
        boolean all = holdings.fleet().nodeSlots() <= FEW_NODES;
        return found != null || all ? found : find(wanted, price, rooms(wanted, price, Integer.MAX_VALUE));
    }

    private @Nullable Cleared find(Wanted wanted, Price price, List<NodeRoom> rooms) {
        Map<GangState, Leave> out = new LinkedHashMap<>();
        holdings.trying(true);
        try {
            int next = 0;
            for (int upTo = 1; next < rooms.size(); upTo = upTo * 2) {
                boolean more = false;
                for (; next < Math.min(upTo, rooms.size()); next++) {
                    more |= takeOut(rooms.get(next), price, out);
                }
                Placement place = more ? place(wanted) : null;
                if (place != null) {
                    return needed(wanted, place, price, out);
                }
            }
            return null;
        } finally {
            putBack(out, price);
            holdings.trying(false);
        }
    }

    private @Nullable Placement place(Wanted wanted) {
        boolean another = wanted.gang().job().placedGangs() == 0;
        if (holdings.tree().refusal(wanted.take(), another) != null) {
            return null;
        }
        return placer.place(wanted.profile(), wanted.option(), wanted.bounds());
    }

    // ---- which nodes

    /** At most so many, from one on that the job's id says, so that not all look at the same. */
    private List<NodeRoom> rooms(Wanted wanted, Price price, int most) {
        Fleet fleet = holdings.fleet();
        WorkerRequest request = largest(wanted);
        int chipClass = wanted.take().chipClass();
        Room room = new Room(fleet, chipClass, request);
        List<NodeRoom> rooms = new ArrayList<>();
        int slots = fleet.nodeSlots();
        int start = most < slots ? (int) Math.floorMod(wanted.gang().job().id() * SPREAD, (long) slots) : 0;
        int looked = 0;
        for (int step = 0; step < slots && looked < most; step++) {
            int slot = start + step < slots ? start + step : start + step - slots;
            boolean avoided = wanted.bounds().avoided().contains(fleet.nodeId(slot));
            boolean serves = wanted.option() == null || has(slot, chipClass, request);
            if (avoided || !fleet.isSchedulable(slot) || !serves) {
                continue;
            }
            looked++;
            NodeState node = state.nodes().find(fleet.nodeId(slot));
            NodeRoom made = node == null ? null : room(node, slot, room, price);
            if (made != null) {
                rooms.add(made);
            }
        }
        rooms.sort(NodeRoom.CHEAPEST);
        return rooms;
    }

    private boolean has(int slot, int chipClass, WorkerRequest request) {
        Fleet fleet = holdings.fleet();
        for (int device = 0; device < fleet.deviceCount(slot); device++) {
            int ofDevice = fleet.deviceClass(slot, device);
            if (ofDevice == chipClass || (ofDevice >= 0 && ofDevice == request.splitClass())) {
                return true;
            }
        }
        return false;
    }

    private WorkerRequest largest(Wanted wanted) {
        ClassOption option = wanted.option();
        if (option == null) {
            return wanted.profile().roles().getFirst();
        }
        int chipClass = option.number();
        return option.roles().stream()
                .max(Comparator.comparingInt(WorkerRequest::devices)
                        .thenComparingInt(request -> holdings.fleet().countedMilli(request, chipClass)))
                .orElseThrow();
    }

    /** Counts only; the placer has the last word. Null if nothing that may leave makes room for one worker. */
    private @Nullable NodeRoom room(NodeState node, int slot, Room room, Price price) {
        room.at(slot);
        if (!room.ever()) {
            return null;
        }
        List<WorkerState> workers = node.workers();
        List<Leave> leaves = leavesOf(workers, price);
        if (leaves.isEmpty()) {
            return null;
        }
        int taken = 0;
        while (!room.holds()) {
            if (taken == leaves.size()) {
                return null;
            }
            room.add(leaves.get(taken++), workers, holdings);
        }
        // What has room as it is may still be of use beside nodes that have not: the gang fits nowhere as things are.
        List<Leave> needed = List.copyOf(leaves.subList(0, Math.max(1, taken)));
        return new NodeRoom(slot, needed.getLast().price(), needed);
    }

    private static List<Leave> leavesOf(List<WorkerState> workers, Price price) {
        List<Leave> leaves = new ArrayList<>();
        GangState last = null;
        for (WorkerState worker : workers) {
            // They are in the order of their gangs.
            Leave leave = worker.gang() == last ? null : price.of(worker.gang());
            last = worker.gang();
            if (leave != null) {
                leaves.add(leave);
            }
        }
        leaves.sort(Comparator.comparingLong(Leave::price)
                .thenComparingLong(leave -> -leave.gang().assignedAtMicros())
                .thenComparingLong(leave -> -leave.gang().job().id()));
        return leaves;
    }

    // ---- taking out and putting back

    private boolean takeOut(NodeRoom room, Price price, Map<GangState, Leave> out) {
        boolean some = false;
        for (Leave leave : room.leaves()) {
            if (!out.containsKey(leave.gang())) {
                // Others of its queue may be out by now, and it may be within its guarantee.
                Leave now = price.of(leave.gang());
                if (now != null) {
                    holdings.giveBackAll(now.gang(), now.gone());
                    price.out(now.gang(), true);
                    out.put(now.gang(), now);
                    some = true;
                }
            }
        }
        return some;
    }

    private Cleared needed(Wanted wanted, Placement place, Price price, Map<GangState, Leave> out) {
        holdings.takeAll(wanted.gang(), place);
        List<Leave> dearestFirst = new ArrayList<>(out.values());
        dearestFirst.sort(Comparator.comparingLong(Leave::price).reversed());
        QueueTree tree = holdings.tree();
        for (Leave leave : dearestFirst) {
            holdings.takeAll(leave.gang(), leave.gone());
            price.out(leave.gang(), false);
            if (holdings.fits(wanted.gang(), place) && withinLimits(tree, wanted, place)) {
                out.remove(leave.gang());
            } else {
                holdings.giveBackAll(leave.gang(), leave.gone());
                price.out(leave.gang(), true);
            }
        }
        holdings.giveBackAll(wanted.gang(), place);
        return new Cleared(place, List.copyOf(out.values()));
    }

    /** The place is taken already, so nothing more is asked for. */
    private static boolean withinLimits(QueueTree tree, Wanted wanted, Placement place) {
        Take nothing = new Take(
                wanted.take().queue(), wanted.take().userName(), wanted.take().chipClass(), 0);
        return place.workers().isEmpty() || tree.refusal(nothing, false) == null;
    }

    private void putBack(Map<GangState, Leave> out, Price price) {
        List<Leave> lastFirst = new ArrayList<>(out.values());
        java.util.Collections.reverse(lastFirst);
        for (Leave leave : lastFirst) {
            holdings.takeAll(leave.gang(), leave.gone());
            price.out(leave.gang(), false);
        }
    }
}
