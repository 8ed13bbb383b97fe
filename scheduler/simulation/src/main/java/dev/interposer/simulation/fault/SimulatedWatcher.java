package dev.interposer.simulation.fault;

import dev.interposer.control.port.Page;
import dev.interposer.control.watch.WatchLog;
import dev.interposer.engine.event.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A client that watches whichever server answers, and goes on at another with its cursor when that one is gone. What it
 * saw is held against the ledger at the end.
 */
final class SimulatedWatcher {
    private static final int MOST = 7;

    private final VirtualTime time;
    private final List<SimulatedServer> servers;
    private final MemoryLedger ledger;
    private final List<Entry> seen = new ArrayList<>();
    private final List<Long> relisted = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private long cursor;

    SimulatedWatcher(VirtualTime time, List<SimulatedServer> servers, MemoryLedger ledger) {
        this.time = time;
        this.servers = servers;
        this.ledger = ledger;
        look();
    }

    private void look() {
        WatchLog<Entry> changes = servers.get(time.random(servers.size())).changes();
        if (changes != null) {
            read(changes);
        }
        time.after(50 + time.random(300), this::look);
    }

    private void read(WatchLog<Entry> changes) {
        try {
            WatchLog.Batch<Entry> batch = changes.read(cursor, MOST, entry -> true);
            for (Entry entry : batch.changes()) {
                if (entry.revision() <= cursor) {
                    violations.add("a watcher saw revision " + entry.revision() + " after " + cursor);
                }
                cursor = entry.revision();
                seen.add(entry);
            }
            cursor = Math.max(cursor, batch.cursor());
        } catch (WatchLog.OutOfRangeException e) {
            // A list and a watch from there, as a client does.
            relisted.add(ledger.lastRevision());
            cursor = ledger.lastRevision();
        }
    }

    /** All that it should have seen it saw, once, as it is in the ledger. */
    List<String> check(List<Page> pages) {
        Map<Long, Entry> durable = new HashMap<>();
        pages.forEach(page -> page.entries().forEach(entry -> durable.put(entry.revision(), entry)));
        long before = 0;
        for (Entry entry : seen) {
            if (!entry.equals(durable.get(entry.revision()))) {
                violations.add("a watcher saw revision " + entry.revision() + " otherwise than it is in the ledger");
            }
            if (entry.revision() != before + 1 && !relistedBetween(before, entry.revision())) {
                violations.add("a watcher saw revision " + entry.revision() + " after " + before);
            }
            before = entry.revision();
        }
        if (seen.isEmpty()) {
            violations.add("a watcher saw nothing");
        }
        return violations;
    }

    private boolean relistedBetween(long before, long revision) {
        return relisted.stream().anyMatch(at -> at >= before && at < revision);
    }
}
