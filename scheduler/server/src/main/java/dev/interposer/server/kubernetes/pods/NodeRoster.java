package dev.interposer.server.kubernetes.pods;

import dev.interposer.control.command.ReportedWorker;
import java.util.List;

/**
 * What the pods of a node say to a leader.
 *
 * @param workers what the ledger expects there as far as it has begun or ended, and whatever else has devices there
 * @param mark how far the ledger was when other leaders made them
 */
public record NodeRoster(List<ReportedWorker> workers, LedgerMark mark) {
    /** Of a node that runs nothing. */
    public static final NodeRoster NONE = new NodeRoster(List.of(), LedgerMark.NONE);

    public NodeRoster {
        workers = List.copyOf(workers);
    }
}
