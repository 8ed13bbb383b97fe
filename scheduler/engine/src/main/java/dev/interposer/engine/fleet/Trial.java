package dev.interposer.engine.fleet;

import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.WorkerPlacement;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Workers bound for a try. What it did it undoes, in the opposite order: the fleet is then as it was before. Used again
 * for every try.
 */
public final class Trial {
    private final Fleet fleet;
    private int size;
    private int[] roles = new int[16];
    private int[] nodes = new int[16];
    private int[] starts = new int[16];
    private WorkerRequest[] requests = new WorkerRequest[16];
    /** Where the devices of each worker begin in {@code devices}. */
    private int[] offsets = new int[17];

    private int[] devices = new int[64];

    public Trial(Fleet fleet) {
        this.fleet = fleet;
    }

    public void bind(int role, int node, Chosen chosen, WorkerRequest request) {
        ensureRoom(chosen.size());
        roles[size] = role;
        nodes[size] = node;
        starts[size] = chosen.start();
        requests[size] = request;
        int offset = offsets[size];
        for (int at = 0; at < chosen.size(); at++) {
            devices[offset + at] = fleet.device(node, chosen.get(at));
        }
        offsets[++size] = offset + chosen.size();
        change(size - 1, -1);
    }

    /** Workers that are bound. */
    public int size() {
        return size;
    }

    /** Undoes everything after the first {@code kept} bindings. */
    public void rollbackTo(int kept) {
        while (size > kept) {
            change(--size, 1);
        }
    }

    /** Node of a bound worker. */
    public int node(int worker) {
        return nodes[worker];
    }

    /** Class of the devices that were bound, or −1 for none. */
    public int chipClass() {
        return offsets[size] == 0 ? -1 : fleet.classOf(devices[0]);
    }

    /**
     * The workers in the order of their ranks: by role, and within a role so that neighbours in rank are neighbours in
     * topology.
     *
     * @param ladder levels to be neighbours in; null for the order in which they were bound
     */
    public List<WorkerPlacement> placements(@Nullable Ladder ladder) {
        if (size == 1) {
            return List.of(placement(0));
        }
        Integer[] order = new Integer[size];
        Arrays.setAll(order, at -> at);
        Arrays.sort(
                order, (a, b) -> roles[a] != roles[b] ? roles[a] - roles[b] : ladder == null ? 0 : apart(a, b, ladder));
        WorkerPlacement[] placements = new WorkerPlacement[size];
        for (int at = 0; at < size; at++) {
            placements[at] = placement(order[at]);
        }
        return List.of(placements);
    }

    private int apart(int a, int b, Ladder ladder) {
        for (int step = ladder.steps() - 1; step >= 0; step--) {
            int apart = fleet.domainOf(ladder.key(step), nodes[a]) - fleet.domainOf(ladder.key(step), nodes[b]);
            if (apart != 0) {
                return apart;
            }
        }
        return nodes[a] - nodes[b];
    }

    private WorkerPlacement placement(int worker) {
        int offset = offsets[worker];
        Ids ids = Ids.of(offsets[worker + 1] - offset, at -> fleet.idOf(devices[offset + at]));
        return new WorkerPlacement(roles[worker], fleet.nodeId(nodes[worker]), ids, starts[worker]);
    }

    private void change(int worker, int sign) {
        for (int at = offsets[worker]; at < offsets[worker + 1]; at++) {
            fleet.change(devices[at], starts[worker], requests[worker], sign);
        }
        fleet.changeResources(nodes[worker], requests[worker], sign);
    }

    private void ensureRoom(int moreDevices) {
        if (size == roles.length) {
            roles = Arrays.copyOf(roles, size * 2);
            nodes = Arrays.copyOf(nodes, size * 2);
            starts = Arrays.copyOf(starts, size * 2);
            requests = Arrays.copyOf(requests, size * 2);
            offsets = Arrays.copyOf(offsets, size * 2 + 1);
        }
        if (offsets[size] + moreDevices > devices.length) {
            devices = Arrays.copyOf(devices, Math.max(offsets[size] + moreDevices, devices.length * 2));
        }
    }
}
