package dev.interposer.server.kubernetes;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.Outcome;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.ActorKind;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.server.kubernetes.inventory.NodeFacts;
import dev.interposer.server.kubernetes.inventory.NodeReader;
import dev.interposer.server.kubernetes.pods.LedgerMark;
import dev.interposer.server.kubernetes.pods.NodeRoster;
import dev.interposer.server.kubernetes.pods.PodAgent;
import io.quarkus.logging.Log;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Holds what the ledger knows of a cluster's nodes against what its API server says, and tells the difference. */
final class NodeSync {
    /** Pods come and go all the time on a busy node, and a decision needs no more than this. */
    private static final long DAMPED_MILLIS = 1_000;

    private final String cluster;
    private final NodeReader reader;
    private final FleetAccess fleet;
    private final WorkQueue queue;
    private final @Nullable PodAgent pods;
    private final Actor actor;

    /** Nodes that said hello to this leader. */
    private final Set<String> greeted = new HashSet<>();

    /** Nodes of which a command is under way: the view does not show yet what it does. */
    private final Set<String> underWay = new HashSet<>();

    /** Nodes that kubectl cordoned, as followed last; kept over terms, or what is lifted between two is never seen. */
    private final Set<String> unschedulable = new HashSet<>();

    /** What the ledger knows of a node. */
    private record Known(NodePhase phase, boolean cordoned, NodeReport report) {}

    /** @param pods as which nodes take work; null where nothing is ever placed */
    NodeSync(NodeReader reader, FleetAccess fleet, WorkQueue queue, @Nullable PodAgent pods) {
        this.cluster = reader.cluster();
        this.reader = reader;
        this.fleet = fleet;
        this.queue = queue;
        this.pods = pods;
        this.actor = new Actor(ActorKind.KUBERNETES, cluster, "kubernetes");
    }

    /** Another term begins: every node says hello anew. */
    synchronized void restart() {
        greeted.clear();
        underWay.clear();
    }

    /** Nodes of the cluster that the ledger knows. */
    List<String> knownNodes() {
        List<String> names = new ArrayList<>();
        String prefix = cluster + "/";
        fleet.view().eachNode(node -> {
            if (node.name().startsWith(prefix)) {
                names.add(node.name().substring(prefix.length()));
            }
        });
        return names;
    }

    /** Looks at one node, unless a command of before is under way: then it comes again when that is durable. */
    void look(String key, @Nullable NodeFacts facts) {
        String name = reader.name(key);
        synchronized (this) {
            if (underWay.contains(key)) {
                return;
            }
        }
        Known known = fleet.view().read(state -> known(state, name));
        Command command = facts == null ? gone(name, known) : there(key, facts, known);
        if (command != null) {
            submit(key, command);
        }
    }

    private @Nullable Command there(String key, NodeFacts facts, @Nullable Known known) {
        NodeReport report =
                reader.read(facts, known == null ? List.of() : known.report().devices());
        boolean isGreeted;
        synchronized (this) {
            isGreeted = greeted.contains(key);
        }
        boolean closed = !reader.isObserved() && isUnschedulable(facts);
        if (!NodeReader.isReady(facts.node()) || (known == null && closed)) {
            // A hello opens a node to work at once, so one that can't take any is told of when it can.
            return known != null && known.phase() == NodePhase.READY
                    ? new Command.NodeSilent(actor, report.info().name())
                    : null;
        }
        Command cordon = known == null ? null : cordon(key, closed, known);
        if (cordon != null) {
            return cordon;
        }
        if (known == null || !isGreeted || known.phase() != NodePhase.READY) {
            return hello(key, report);
        }
        return known.report().equals(report) ? null : new Command.ReportInventory(actor, report);
    }

    /**
     * What kubectl says of a node is followed when it changes: a cordon that somebody gave here stays while nobody
     * lifts one there.
     */
    private @Nullable Command cordon(String key, boolean closed, Known known) {
        boolean followed;
        synchronized (this) {
            followed = unschedulable.contains(key);
        }
        if (closed == followed) {
            return null;
        }
        if (closed == known.cordoned()) {
            followed(key, closed);
            return null;
        }
        return new Command.CordonNode(actor, reader.name(key), closed);
    }

    private synchronized void followed(String key, boolean closed) {
        if (closed) {
            unschedulable.add(key);
        } else {
            unschedulable.remove(key);
        }
    }

    private static boolean isUnschedulable(NodeFacts facts) {
        return Boolean.TRUE.equals(facts.node().getSpec().getUnschedulable());
    }

    private Command hello(String key, NodeReport report) {
        NodeRoster roster = pods == null ? NodeRoster.NONE : pods.roster(key).join();
        LedgerMark mark = roster.mark();
        return new Command.AgentHello(
                actor, report, roster.workers(), mark.incarnation(), mark.epoch(), mark.revision());
    }

    /** Of a node that was deleted: it is lost, then known to run nothing, then forgotten. */
    private @Nullable Command gone(String name, @Nullable Known known) {
        if (known == null) {
            return null;
        }
        return switch (known.phase()) {
            case READY -> new Command.NodeSilent(actor, name);
            case LOST -> new Command.FenceNode(actor, name, "its node was deleted from cluster " + cluster);
            case FENCED -> new Command.RemoveNode(actor, name);
        };
    }

    private void submit(String key, Command command) {
        synchronized (this) {
            underWay.add(key);
        }
        fleet.loop().submit(command, 0, outcome -> done(key, command, outcome));
    }

    private void done(String key, Command command, Outcome outcome) {
        boolean accepted = !(outcome instanceof Outcome.Rejected);
        synchronized (this) {
            underWay.remove(key);
            if (accepted && command instanceof Command.AgentHello) {
                greeted.add(key);
            }
            if (accepted && command instanceof Command.CordonNode cordon) {
                followed(key, cordon.cordoned());
            }
        }
        if (accepted) {
            queue.succeeded(key);
            queue.addLater(key, command instanceof Command.ReportInventory ? DAMPED_MILLIS : 0);
        } else if (fleet.loop().epoch() != 0) {
            Log.warnf("cluster %s, node %s: %s", cluster, key, outcome);
            queue.failed(key);
        }
    }

    private static @Nullable Known known(State state, String name) {
        NodeState node = state.nodes().find(name);
        if (node == null) {
            return null;
        }
        List<DeviceReport> devices = node.devices().stream().map(Device::report).toList();
        return new Known(node.phase(), node.cordoned(), new NodeReport(node.info(), devices));
    }
}
