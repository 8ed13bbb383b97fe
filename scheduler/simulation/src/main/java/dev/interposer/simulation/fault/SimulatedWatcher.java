package dev.interposer.simulation.fault;

import dev.interposer.control.watch.WatchLog;
import dev.interposer.proto.ledger.v1.SnapshotEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * A client that watches whichever server answers, and goes on at another with its cursor when that one is gone. It sees
 * each revision once and in order; only a list that it was told to take lets it begin further on. What it saw is held
 * against the ledger at the end, and by then it has seen all.
 */
final class SimulatedWatcher {
    private static final int MOST = 7;

    private final VirtualTime time;
    private final List<SimulatedServer> servers;
    private final MemoryLedger ledger;
    private final List<SnapshotEntry> seen = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private long cursor;

    SimulatedWatcher(VirtualTime time, List<SimulatedServer> servers, MemoryLedger ledger) {
        this.time = time;
        this.servers = servers;
        this.ledger = ledger;
        look();
    }

    private void look() {
        WatchLog<SnapshotEntry> changes =
                servers.get(time.random(servers.size())).changes();
        if (changes != null) {
            read(changes);
        }
        time.after(50 + time.random(300), this::look);
    }

    private void read(WatchLog<SnapshotEntry> changes) {
        try {
            WatchLog.Batch<SnapshotEntry> batch = changes.read(cursor, MOST, entry -> true);
            for (SnapshotEntry entry : batch.changes()) {
                if (entry.getRevision() != cursor + 1) {
                    violations.add("a watcher saw revision " + entry.getRevision() + " after " + cursor);
                }
                cursor = entry.getRevision();
                seen.add(entry);
            }
            if (batch.cursor() != cursor) {
                violations.add("a watcher at " + cursor + " was told to go on from " + batch.cursor());
            }
            cursor = batch.cursor();
        } catch (WatchLog.OutOfRangeException e) {
            // A list and a watch from there, as a client does.
            cursor = ledger.lastRevision();
        }
    }

    List<String> check(LedgerAudit audit) {
        for (SnapshotEntry entry : seen) {
            if (!entry.getEvent().equals(audit.events().get(entry.getRevision()))) {
                violations.add("a watcher saw revision " + entry.getRevision() + " otherwise than it is in the ledger");
            }
        }
        if (seen.isEmpty()) {
            violations.add("a watcher saw nothing");
        }
        if (cursor != audit.lastRevision()) {
            violations.add("a watcher stands at " + cursor + " and the ledger at " + audit.lastRevision());
        }
        return violations;
    }
}
