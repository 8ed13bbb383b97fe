package dev.interposer.simulation.openb;

import dev.interposer.engine.fleet.Chosen;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.placement.Domain;
import dev.interposer.engine.placement.PlacementPolicy;
import java.util.HashMap;
import java.util.Map;

/**
 * Fragmentation gradient descent (Weng et al., "Beware of Fragmentation", USENIX ATC 2023), as its published simulator
 * runs it.
 *
 * <p><b>Goals.</b> Reproduce the published values, which proves the harness around it.
 *
 * <p><b>Constraints.</b> Among equal scores the node with the smallest label, and on it the first device.
 *
 * <p><b>Algorithm.</b> A placement's score is floor(100 σ((F before − F after) / 1000)), where F of a node is the
 * expected number of idle thousandths that a task of the known mix could not use there. Scores are kept by what they
 * depend on: a node's model, free cores and device remainders, and the task.
 */
public final class Fgd implements PlacementPolicy {
    private static final int WHOLE = 1000;

    private final TaskMix mix;
    private final Map<Key, Choice> scores = new HashMap<>();
    private final Map<NodeKey, Double> fragments = new HashMap<>();

    /** What F of a node depends on. */
    private record NodeKey(String model, long cpu, DeviceRemainders remainders) {}

    /** What a score depends on. */
    private record Key(NodeKey node, long cpu, int devices, int milli) {}

    /** A score, and the device that gives it; −1 when the device does not matter. */
    private record Choice(int score, int device) {}

    public Fgd(TaskMix mix) {
        this.mix = mix;
    }

    @Override
    public boolean weighsClasses() {
        return true;
    }

    @Override
    public int chooseNode(Fleet fleet, WorkerRequest request, Domain within) {
        int cpu = fleet.dimension("cpu");
        int best = -1;
        int bestScore = -1;
        for (int node = fleet.nextSchedulable(0); node >= 0; node = fleet.nextSchedulable(node + 1)) {
            if (within.contains(fleet, node) && fits(fleet, request, node)) {
                int score = choice(fleet, request, node, cpu).score();
                if (score > bestScore) {
                    bestScore = score;
                    best = node;
                }
            }
        }
        return best;
    }

    @Override
    public void chooseDevices(Fleet fleet, WorkerRequest request, int node, Chosen chosen) {
        chosen.clear();
        if (request.shared()) {
            chosen.add(choice(fleet, request, node, fleet.dimension("cpu")).device());
            return;
        }
        for (int device = 0; device < fleet.deviceCount(node) && chosen.size() < request.devices(); device++) {
            if (fleet.deviceFreeMilli(node, device) == WHOLE) {
                chosen.add(device);
            }
        }
    }

    private static boolean fits(Fleet fleet, WorkerRequest request, int node) {
        if (!fleet.hasResources(request, node)) {
            return false;
        }
        if (request.devices() == 0) {
            return true;
        }
        int room = 0;
        for (int device = 0; device < fleet.deviceCount(node); device++) {
            if (!request.admits(fleet.deviceClass(node, device))) {
                return false;
            }
            room += fleet.deviceFreeMilli(node, device) >= request.shareMilli() ? 1 : 0;
        }
        return room >= request.devices();
    }

    private Choice choice(Fleet fleet, WorkerRequest request, int node, int cpuDimension) {
        NodeKey state = new NodeKey(
                model(fleet, node), fleet.freeResource(cpuDimension, node), DeviceRemainders.of(fleet, node));
        Key key = new Key(state, request.resource(cpuDimension), request.devices(), request.shareMilli());
        Choice known = scores.get(key);
        if (known == null) {
            known = score(state, key);
            scores.put(key, known);
        }
        return known;
    }

    private Choice score(NodeKey state, Key request) {
        double before = fragment(state);
        long cpu = state.cpu() - request.cpu();
        if (request.devices() == 0) {
            NodeKey after = new NodeKey(state.model(), cpu, state.remainders());
            return new Choice(score(before, fragment(after)), -1);
        }
        if (request.milli() == WHOLE) {
            NodeKey after = new NodeKey(state.model(), cpu, state.remainders().takeWhole(request.devices()));
            return new Choice(score(before, fragment(after)), -1);
        }
        Choice best = new Choice(-1, -1);
        for (int device = 0; device < state.remainders().size(); device++) {
            if (state.remainders().get(device) >= request.milli()) {
                NodeKey after =
                        new NodeKey(state.model(), cpu, state.remainders().take(device, request.milli()));
                int score = score(before, fragment(after));
                if (score > best.score()) {
                    best = new Choice(score, device);
                }
            }
        }
        return best;
    }

    private static int score(double before, double after) {
        return (int) Math.floor(100.0 / (1.0 + StrictMath.exp(-(before - after) / 1000.0)));
    }

    private double fragment(NodeKey state) {
        Double known = fragments.get(state);
        if (known == null) {
            known = mix.fragment(state.model(), state.cpu(), state.remainders());
            fragments.put(state, known);
        }
        return known;
    }

    private static String model(Fleet fleet, int node) {
        return fleet.deviceCount(node) == 0 ? "" : fleet.className(fleet.deviceClass(node, 0));
    }
}
