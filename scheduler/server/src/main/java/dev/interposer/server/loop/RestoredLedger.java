package dev.interposer.server.loop;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.core.Ticket;
import dev.interposer.control.port.LedgerException;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.State;
import dev.interposer.server.view.LiveView;
import io.quarkus.logging.Log;
import java.util.Optional;

/**
 * Holds what was read of the ledger against what this server has seen to be durable.
 *
 * <p>Two things may have happened in the meantime. Another server wrote a snapshot beyond what the view has: then the
 * pages in between are not read again, and the view must begin from there too. Or the ledger ends before it, or
 * has become another one: a backup was restored. Then what the view shows is lost, and whoever leads next begins a
 * new incarnation. On the loop only.
 */
final class RestoredLedger {
    private final LiveView view;
    private boolean replaced;
    private long lostRevision;
    private long lostIncarnation;

    RestoredLedger(LiveView view) {
        this.view = view;
    }

    /** The ledger said why it can't go on. */
    void heard(LedgerException cause) {
        replaced |= cause.kind() == LedgerException.Kind.REPLACED;
    }

    /**
     * The head was read from a snapshot, or is empty; pages follow.
     *
     * @param same the same state once more, nobody else's
     */
    void afterSnapshot(State head, State same) {
        if (head.revision() > view.revision()) {
            view.restart(same);
        }
    }

    /** The head was read to the end. */
    void atEnd(State head) {
        long seen = view.revision();
        if (head.revision() >= seen && !replaced) {
            return;
        }
        replaced = false;
        lostRevision = Math.max(lostRevision, seen);
        lostIncarnation =
                Math.max(lostIncarnation, view.read(state -> state.settings().incarnation()));
        Log.errorf(
                "the ledger ends at revision %d and is not the one whose revision %d was durable: a backup was"
                        + " restored",
                head.revision(), seen);
        view.restart(copy(head));
    }

    /** What a new leader does first; nothing if all is as it was, or another leader has done it. */
    Optional<Ticket> command(State head) {
        if (lostRevision == 0) {
            return Optional.empty();
        }
        if (head.settings().incarnation() > lostIncarnation) {
            lostRevision = 0;
            return Optional.empty();
        }
        Command command = new Command.LedgerRestored(Actor.SCHEDULER, lostIncarnation, lostRevision);
        return Optional.of(new Ticket(command, outcome -> {
            if (outcome instanceof Outcome.Accepted) {
                lostRevision = 0;
            }
        }));
    }

    /** By the shortest list of events, whose values both states share. */
    private static State copy(State state) {
        State copy = new State();
        Snapshot.write(state, copy::apply);
        return copy;
    }
}
