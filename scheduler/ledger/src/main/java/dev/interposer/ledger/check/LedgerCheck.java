package dev.interposer.ledger.check;

import dev.interposer.control.port.LedgerException;
import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.state.State;
import dev.interposer.ledger.check.Finding.Kind;
import dev.interposer.ledger.codec.Digests;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.ledger.codec.PageCodec;
import dev.interposer.ledger.history.EndedJob;
import dev.interposer.ledger.jdbc.JdbcHistory;
import dev.interposer.ledger.jdbc.LedgerDatabase;
import dev.interposer.ledger.jdbc.RawLedger;
import dev.interposer.ledger.jdbc.RawLedger.RawPage;
import dev.interposer.ledger.jdbc.RawLedger.RawSnapshot;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads a ledger from its first page to its last and says everything that is wrong with it.
 *
 * <p>Trusts nothing: each row is held against its page, each page against the one before, the fold against the stored
 * snapshots, the history of ended jobs and what others say that the state was at a revision. After a page that does not
 * fold nothing more can be said of the state, but the chain is followed to its end.
 */
public final class LedgerCheck {
    private final EventCodec events = new EventCodec();
    private final PageCodec pages = new PageCodec(events);
    private final Digests digests = new Digests(events);
    private final RawLedger ledger;
    private final JdbcHistory stored;
    private final List<Finding> findings = new ArrayList<>();
    private final TreeMap<Long, List<Claim>> claims = new TreeMap<>();
    private State state = new State();
    private boolean folds = true;
    private long count;
    private int snapshots;
    private long until = Long.MAX_VALUE;
    private @Nullable RawPage before;
    private @Nullable HistoryCheck history;

    /** Somebody's word on the state at a revision. */
    private record Claim(Kind kind, String who, String digest) {}

    public LedgerCheck(LedgerDatabase database) {
        this.ledger = new RawLedger(database, pages);
        this.stored = new JdbcHistory(database);
    }

    /** Holds the state at a revision against what a live server says it is; pages after it are left out. */
    public LedgerCheck against(long revision, String digest) {
        claim(revision, new Claim(Kind.LIVE_DIFFERS, "the live state", digest));
        until = revision;
        return this;
    }

    public Report run() {
        ledger.snapshots(this::snapshot);
        HistoryCheck ended = new HistoryCheck(stored, until, findings);
        history = ended;
        ledger.pages(1, this::page);
        claims.forEach((revision, ofRevision) -> {
            for (Claim claim : ofRevision) {
                if (folds && revision <= until) {
                    add(claim.kind(), revision, claim.who() + " is of revision " + revision + ", where no page ends");
                }
            }
        });
        if (folds) {
            new StateCheck(state).run(findings);
            ended.end();
        }
        return new Report(count, snapshots, revision(), folds ? digests.of(state) : "", findings);
    }

    private void snapshot(RawSnapshot snapshot) {
        snapshots++;
        State folded = new State();
        try {
            snapshot.entries().forEach(folded::apply);
        } catch (IllegalStateException e) {
            add(Kind.SNAPSHOT_DAMAGED, snapshot.revision(), "it does not fold: " + e.getMessage());
            return;
        }
        if (snapshot.good()) {
            String who = "the snapshot";
            claim(snapshot.revision(), new Claim(Kind.SNAPSHOT_DIFFERS, who, digests.of(folded)));
        } else {
            add(Kind.SNAPSHOT_DAMAGED, snapshot.revision(), "its pieces do not give its digest");
        }
    }

    private void claim(long revision, Claim claim) {
        claims.computeIfAbsent(revision, key -> new ArrayList<>()).add(claim);
    }

    private boolean page(RawPage row) {
        if (row.firstRevision() > until) {
            return false;
        }
        count++;
        chain(row);
        before = row;
        try {
            Page page = pages.decode(row.format(), row.frame());
            if (page.firstRevision() != row.firstRevision()
                    || page.lastRevision() != row.lastRevision()
                    || page.epoch() != row.epoch()
                    || page.atMicros() != row.atMicros()) {
                add(
                        Kind.PAGE_DISAGREES,
                        row.firstRevision(),
                        "its row says revisions " + row.firstRevision() + " to " + row.lastRevision() + ", the page "
                                + page.firstRevision() + " to " + page.lastRevision());
            }
            fold(page);
        } catch (LedgerException e) {
            add(Kind.PAGE_UNREADABLE, row.firstRevision(), String.valueOf(e.getMessage()));
            folds = false;
        }
        return true;
    }

    private void chain(RawPage row) {
        RawPage last = before;
        long expected = last == null ? 1 : last.lastRevision() + 1;
        if (row.firstRevision() > expected) {
            add(Kind.PAGE_MISSING, expected, "revisions " + expected + " to " + (row.firstRevision() - 1));
            return;
        }
        if (row.firstRevision() < expected) {
            add(
                    Kind.PAGE_TWICE,
                    row.firstRevision(),
                    "it begins at " + row.firstRevision() + ", and the page before ends at " + (expected - 1));
        }
        byte[] digest = last == null ? new byte[0] : digest(last);
        if (!Arrays.equals(row.previousDigest(), digest)) {
            add(
                    Kind.CHAIN_BROKEN,
                    row.firstRevision(),
                    "it does not follow " + (last == null ? "nothing" : "page " + last.firstRevision())
                            + ": one of the two was altered");
        }
        if (last != null && (row.epoch() < last.epoch() || row.atMicros() <= last.atMicros())) {
            add(
                    Kind.ORDER_BROKEN,
                    row.firstRevision(),
                    "epoch " + row.epoch() + " at " + row.atMicros() + " comes after epoch " + last.epoch() + " at "
                            + last.atMicros());
        }
    }

    private static byte[] digest(RawPage page) {
        MessageDigest sha256 = Digests.sha256();
        sha256.update(page.previousDigest());
        return sha256.digest(page.frame());
    }

    private void fold(Page page) {
        if (!folds) {
            return;
        }
        for (Entry entry : page.entries()) {
            try {
                state.apply(entry);
            } catch (RuntimeException e) {
                // Whatever the fold throws at a damaged ledger, it is the ledger's fault here.
                add(Kind.DOES_NOT_FOLD, entry.revision(), String.valueOf(e.getMessage()));
                folds = false;
                return;
            }
            EndedJob job = EndedJob.by(entry, state);
            if (job != null && history != null) {
                history.ended(job);
            }
        }
        List<Claim> ofRevision = claims.remove(page.lastRevision());
        if (ofRevision != null) {
            String digest = digests.of(state);
            for (Claim claim : ofRevision) {
                if (!claim.digest().equals(digest)) {
                    add(
                            claim.kind(),
                            page.lastRevision(),
                            claim.who() + " has digest " + claim.digest() + ", the pages give " + digest);
                }
            }
        }
    }

    private long revision() {
        RawPage last = before;
        return last == null ? 0 : last.lastRevision();
    }

    private void add(Kind kind, long revision, String words) {
        findings.add(new Finding(kind, revision, words));
    }
}
