package dev.interposer.ledger.check;

import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.state.State;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.ledger.codec.PageCodec;
import dev.interposer.ledger.history.EndedJob;
import dev.interposer.ledger.jdbc.JdbcHistory;
import dev.interposer.ledger.jdbc.LedgerDatabase;
import dev.interposer.ledger.jdbc.RawLedger;
import dev.interposer.ledger.jdbc.RawLedger.RawPage;
import java.util.ArrayList;
import java.util.List;

/** Makes the history anew by folding every page. */
public final class HistoryRebuild {
    private static final int JOBS_AT_ONCE = 1000;

    private final PageCodec codec = new PageCodec(new EventCodec());
    private final RawLedger ledger;
    private final JdbcHistory history;
    private final State state = new State();
    private final List<EndedJob> jobs = new ArrayList<>();

    public HistoryRebuild(LedgerDatabase database) {
        this.ledger = new RawLedger(database, codec);
        this.history = new JdbcHistory(database);
    }

    public void run() {
        history.empty();
        ledger.pages(1, this::page);
        history.add(jobs, state.revision());
    }

    private boolean page(RawPage row) {
        Page page = codec.decode(row.format(), row.frame());
        for (Entry entry : page.entries()) {
            state.apply(entry);
            EndedJob job = EndedJob.by(entry, state);
            if (job != null) {
                jobs.add(job);
            }
        }
        if (jobs.size() >= JOBS_AT_ONCE) {
            history.add(jobs, 0);
            jobs.clear();
        }
        return true;
    }
}
