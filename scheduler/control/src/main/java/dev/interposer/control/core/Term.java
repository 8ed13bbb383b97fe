package dev.interposer.control.core;

import dev.interposer.control.command.Command;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import java.util.HashSet;
import java.util.Set;

/**
 * What a leader knows of its own term; gone with it.
 *
 * <p>A leader that nobody preceded for long may be sitting on a restored backup, and what its ledger calls waiting may
 * run. Only agents can tell, so it hears every node that should be there before it places anything. Nodes that say
 * nothing are lost in time, and are waited for no more.
 */
final class Term {
    private final State state;
    private final Set<String> greeted = new HashSet<>();
    private long epoch;
    private long beganAfterRevision;
    private boolean listens;

    Term(State state) {
        this.state = state;
    }

    /** @param listens whether every node is heard before anything is placed */
    void begin(long ofEpoch, boolean listensFirst) {
        epoch = ofEpoch;
        listens = listensFirst;
        beganAfterRevision = state.revision();
    }

    void greet(String node) {
        greeted.add(node);
    }

    /** Whether somebody must be heard before anything is placed. */
    boolean listens() {
        listens = listens && state.nodes().all().stream().anyMatch(this::missing);
        return listens;
    }

    /**
     * Whether the agent has seen what this ledger does not hold: a backup was restored.
     *
     * <p>The ledger grows again after a restore, so its length says little. But what lies beyond the beginning of this
     * term can only have been heard from this leader. Revisions start anew from the backup, so those of an earlier
     * incarnation say nothing once the new one has begun.
     */
    boolean isBehind(Command.AgentHello hello) {
        long incarnation = state.settings().incarnation();
        if (hello.incarnation() != incarnation) {
            return hello.incarnation() > incarnation;
        }
        boolean heardUs = hello.highestEpoch() == epoch
                && greeted.contains(hello.report().info().name());
        return hello.highestEpoch() > epoch
                || hello.highestRevision() > (heardUs ? state.revision() : beganAfterRevision);
    }

    private boolean missing(NodeState node) {
        return node.phase() == NodePhase.READY && !greeted.contains(node.name());
    }
}
