package dev.interposer.ledger.jdbc;

import dev.interposer.control.lease.LeaseKeeper;
import dev.interposer.control.port.LedgerException;
import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.ledger.codec.PageCodec;
import java.util.List;

/**
 * A process that leads whenever it can and appends as fast as it can; it prints what it would acknowledge. If a step is
 * given it stops itself there, once, in its first term.
 */
final class LeaderProcess {
    private static final long LEASE_MILLIS = 600;
    private static final int STOPPED_APPEND = 20;

    private LeaderProcess() {}

    public static void main(String[] arguments) throws InterruptedException {
        String holder = arguments[0];
        LedgerDatabase database = new LedgerDatabase(arguments[1], arguments[2], arguments[3], Durability.LOCAL);
        JdbcLedger ledger = new JdbcLedger(database, new PageCodec(new EventCodec()), "test");
        LeaseKeeper lease = new LeaseKeeper(new JdbcLeaseStore(database), holder, LEASE_MILLIS, LEASE_MILLIS / 4);
        AppendStep stop = arguments.length > 4 ? AppendStep.valueOf(arguments[4]) : null;
        int appends = 0;
        long next = 0;
        while (true) {
            long epoch = lease.step(System.nanoTime() / 1_000_000);
            if (epoch == 0) {
                next = 0;
                Thread.sleep(10);
                continue;
            }
            try {
                next = next == 0 ? end(ledger) + 1 : next;
                Entry entry = new Entry(next, next, Actor.SCHEDULER, new SettingEvent.IdsTaken(next));
                Page page = new Page(next, epoch, next, List.of(entry));
                if (++appends == STOPPED_APPEND) {
                    AppendStep.arm(stop);
                }
                AppendStep.BEFORE_APPEND.pass();
                ledger.append(page);
                AppendStep.BEFORE_ACKNOWLEDGING.pass();
                System.out.println("ACK " + next + " " + epoch);
                next++;
            } catch (LedgerException e) {
                System.out.println("LOST " + next + " " + epoch + " " + e.kind());
                lease.abandon();
                next = 0;
            }
        }
    }

    private static long end(JdbcLedger ledger) {
        long end = 0;
        List<Page> pages = ledger.read(1, 1000);
        while (!pages.isEmpty()) {
            end = pages.getLast().lastRevision();
            pages = ledger.read(end + 1, 1000);
        }
        return end;
    }
}
