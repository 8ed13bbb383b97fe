package dev.interposer.control.agents;

import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.model.WorkerPhase;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How the workers of one attempt find each other: at the node of worker 0, on a port that follows from the attempt.
 *
 * <p>The port is no event and nobody reserves it: it comes out the same at each leader, and gangs of one node seldom
 * share one. Jobs that follow each other have ports that follow each other, so ten thousand jobs in a row have as many
 * ports; a later attempt has another one than its predecessor, whose socket may linger.
 */
final class Meeting {
    /** Below what Linux hands out by itself (from 32768) and what Kubernetes gives to services (from 30000). */
    static final int FIRST_PORT = 20_000;

    static final int PORTS = 10_000;

    /** Both have no divisor in common with the number of ports: replicas and attempts of neighbours lie apart. */
    private static final long GANG_STRIDE = 2_903;

    private static final long ATTEMPT_STRIDE = 7_001;

    private static final String LOOPBACK = "127.0.0.1";
    private static final String LOOPBACK_6 = "0:0:0:0:0:0:0:1";

    private final String address;
    private final int port;
    private final int[] localRanks;
    private final int[] nodes;
    private final List<Integer> sizes;
    private final boolean begun;

    private Meeting(String address, int[] localRanks, int[] nodes, List<Integer> sizes, List<WorkerState> workers) {
        this.address = address;
        this.port = workers.isEmpty() ? FIRST_PORT : port(workers.getFirst().key());
        this.localRanks = localRanks;
        this.nodes = nodes;
        this.sizes = sizes;
        this.begun = workers.stream().anyMatch(worker -> worker.phase() != WorkerPhase.ASSIGNED);
    }

    static Meeting of(State state, GangState gang) {
        List<WorkerState> workers = gang.workers();
        int[] localRanks = new int[workers.size()];
        int[] nodes = new int[workers.size()];
        List<Integer> sizes = new ArrayList<>();
        Map<Long, Integer> places = new HashMap<>();
        for (int index = 0; index < workers.size(); index++) {
            int place = places.computeIfAbsent(workers.get(index).nodeId(), id -> places.size());
            if (place == sizes.size()) {
                sizes.add(0);
            }
            nodes[index] = place;
            localRanks[index] = sizes.get(place);
            sizes.set(place, localRanks[index] + 1);
        }
        String address = address(state, workers, sizes.size());
        return new Meeting(address, localRanks, nodes, sizes, workers);
    }

    Rendezvous of(int worker) {
        int node = nodes[worker];
        return new Rendezvous(address, port, localRanks[worker], sizes.get(node), node, sizes.size());
    }

    /** Whether any of the workers has begun. */
    boolean begun() {
        return begun;
    }

    static int port(WorkerKey key) {
        long number = key.jobId() + GANG_STRIDE * key.gang() + ATTEMPT_STRIDE * key.attempt();
        return FIRST_PORT + (int) Math.floorMod(number, (long) PORTS);
    }

    private static String address(State state, List<WorkerState> workers, int nodeCount) {
        NodeState first =
                workers.isEmpty() ? null : state.nodes().find(workers.getFirst().nodeId());
        String said = first == null ? "" : first.info().address();
        if (nodeCount == 1) {
            return said.isEmpty() ? LOOPBACK : said;
        }
        // So is a node found from the scheduler's own machine; from another one it leads nowhere, or elsewhere.
        return said.equals(LOOPBACK) || said.equals(LOOPBACK_6) ? "" : said;
    }
}
