package dev.interposer.control.core;

import dev.interposer.control.command.Command;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.Actor;
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
 *
 * <p>That nodes are awaited is in the ledger: whoever follows before all were heard begins anew with it, since it can't
 * know what the one before was told last.
 */
final class Term {
    private final State state;
    private final Set<String> greeted = new HashSet<>();
    private long epoch;
    private long beganAfterRevision;
    private boolean opens;

    Term(State state) {
        this.state = state;
    }

    /** @param listens whether every node is heard before anything is placed */
    void begin(long ofEpoch, boolean listensFirst) {
        epoch = ofEpoch;
        opens = listensFirst && !state.settings().nodesAwaited() && awaits();
        beganAfterRevision = state.revision();
    }

    void greet(String node) {
        greeted.add(node);
    }

    /** Whether somebody must be heard before anything is placed. */
    boolean listens() {
        return opens || state.settings().nodesAwaited();
    }

    /** Whether there is something to write: that nodes are awaited, or are no more. */
    boolean hasWork() {
        return opens || (state.settings().nodesAwaited() && !awaits());
    }

    /** With the first page, before anything else can follow. */
    void open(PageDraft page) {
        if (opens) {
            opens = false;
            page.add(Actor.SCHEDULER, new SettingEvent.NodesAwaited(true));
        }
    }

    /** When everybody has been heard or is lost. */
    void close(PageDraft page) {
        if (state.settings().nodesAwaited() && !awaits()) {
            page.add(Actor.SCHEDULER, new SettingEvent.NodesAwaited(false));
        }
    }

    private boolean awaits() {
        return state.nodes().all().stream().anyMatch(this::missing);
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
