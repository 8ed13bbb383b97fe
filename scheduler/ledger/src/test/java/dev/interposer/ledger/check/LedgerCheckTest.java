package dev.interposer.ledger.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.ObjectKind;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.State;
import dev.interposer.ledger.check.Finding.Kind;
import dev.interposer.ledger.codec.Digests;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.ledger.codec.PageCodec;
import dev.interposer.ledger.history.EndedJob;
import dev.interposer.ledger.jdbc.JdbcHistory;
import dev.interposer.ledger.jdbc.JdbcHistory.Query;
import dev.interposer.ledger.jdbc.JdbcLeaseStore;
import dev.interposer.ledger.jdbc.JdbcLedger;
import dev.interposer.ledger.jdbc.LedgerDatabase;
import dev.interposer.ledger.jdbc.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The ledger of the corpus, in PostgreSQL, sound and damaged. */
class LedgerCheckTest {
    private final String url = TestDatabase.create();
    private final LedgerDatabase database = TestDatabase.open(url);
    private final EventCodec events = new EventCodec();
    private final PageCodec codec = new PageCodec(events);
    private final Digests digests = new Digests(events);
    private final JdbcLedger ledger = new JdbcLedger(database, codec, "test");
    private final List<Page> pages = new ArrayList<>();
    private final State state = new State();

    @BeforeEach
    void fill() throws IOException {
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("/corpus/v1.ledger"))) {
            List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            for (String line : lines.subList(0, lines.size() - 1)) {
                pages.add(codec.decode(PageCodec.FORMAT, Base64.getDecoder().decode(line)));
            }
        }
        try (JdbcLeaseStore lease = new JdbcLeaseStore(database)) {
            assertThat(lease.acquire("a", 60_000)).isEqualTo(pages.getFirst().epoch());
            long middle = pages.get(pages.size() / 2).firstRevision();
            for (Page page : pages) {
                ledger.append(page);
                page.entries().forEach(state::apply);
                if (page.firstRevision() == middle) {
                    ledger.writeSnapshot(state.revision(), state.atMicros(), Snapshot.of(state));
                }
            }
        }
    }

    @Test
    void aSoundLedgerHasNoFindings() {
        Report report = new LedgerCheck(database)
                .against(state.revision(), digests.of(state))
                .run();
        assertThat(report.findings()).isEmpty();
        assertThat(report.pages()).isEqualTo(pages.size());
        assertThat(report.snapshots()).isEqualTo(1);
        assertThat(report.digest()).isEqualTo(digests.of(state));
    }

    @Test
    void aFlippedByteIsFoundByThePageAfterIt() throws SQLException {
        long page = pages.get(40).firstRevision();
        execute("UPDATE page SET frame = set_byte(frame, length(frame) - 3, get_byte(frame, length(frame) - 3) # 1)"
                + " WHERE first_revision = " + page);
        assertThat(new LedgerCheck(database).run().findings())
                .anyMatch(finding -> finding.kind() == Kind.CHAIN_BROKEN
                        && finding.revision() == pages.get(41).firstRevision()
                        && finding.words().contains("page " + page));
    }

    @Test
    void aPageThatIsGoneIsNamed() throws SQLException {
        Page page = pages.get(30);
        execute("DELETE FROM page WHERE first_revision = " + page.firstRevision());
        assertThat(new LedgerCheck(database).run().findings())
                .contains(new Finding(
                        Kind.PAGE_MISSING,
                        page.firstRevision(),
                        "revisions " + page.firstRevision() + " to " + page.lastRevision()));
    }

    @Test
    void aPageThatIsThereTwiceIsNamed() throws SQLException {
        Page page = pages.stream()
                .filter(candidate -> candidate.entries().size() > 2)
                .findFirst()
                .orElseThrow();
        execute("INSERT INTO page SELECT first_revision + 1, last_revision, epoch, at_micros, format, engine_version,"
                + " previous_digest, frame FROM page WHERE first_revision = " + page.firstRevision());
        assertThat(new LedgerCheck(database).run().findings())
                .extracting(Finding::kind)
                .contains(Kind.PAGE_TWICE, Kind.PAGE_DISAGREES, Kind.CHAIN_BROKEN);
    }

    @Test
    void aPageThatIsNoPageIsNamed() throws SQLException {
        long page = pages.get(20).firstRevision();
        execute("UPDATE page SET frame = '\\xffff' WHERE first_revision = " + page);
        Report report = new LedgerCheck(database).run();
        assertThat(report.findings())
                .anyMatch(finding -> finding.kind() == Kind.PAGE_UNREADABLE && finding.revision() == page);
        assertThat(report.digest()).isEmpty();
    }

    @Test
    void anEpochThatGoesBackIsNamed() throws SQLException {
        long page = pages.get(20).firstRevision();
        execute("UPDATE page SET epoch = 0 WHERE first_revision = " + page);
        assertThat(new LedgerCheck(database).run().findings())
                .extracting(Finding::kind)
                .contains(Kind.ORDER_BROKEN, Kind.PAGE_DISAGREES);
    }

    @Test
    void aDamagedSnapshotIsNamed() throws SQLException {
        execute("UPDATE snapshot_chunk SET body = '\\x00'");
        assertThat(new LedgerCheck(database).run().findings())
                .extracting(Finding::kind)
                .containsExactly(Kind.SNAPSHOT_DAMAGED);
    }

    @Test
    void anEventThatDoesNotFitIsNamed() {
        long revision = state.revision() + 1;
        Event unknown = new JobEvent.WorkerStarted(new WorkerKey(987_654_321, 0, 1, 0));
        Entry entry = new Entry(revision, state.atMicros() + 1, Actor.SCHEDULER, unknown);
        ledger.append(new Page(revision, pages.getLast().epoch(), entry.atMicros(), List.of(entry)));
        assertThat(new LedgerCheck(database).run().findings())
                .anyMatch(finding -> finding.kind() == Kind.DOES_NOT_FOLD && finding.revision() == revision);
    }

    /** What holds of every state is held against the one that the pages give. */
    @Test
    void aStateThatMustNotBeIsNamed() {
        long revision = state.revision() + 1;
        String queue = state.jobs().all().stream()
                .filter(job -> !job.ended())
                .findFirst()
                .orElseThrow()
                .spec()
                .queueName();
        Event gone = new SettingEvent.ObjectDeleted(ObjectKind.QUEUE, queue);
        Entry entry = new Entry(revision, state.atMicros() + 1, Actor.SCHEDULER, gone);
        ledger.append(new Page(revision, pages.getLast().epoch(), entry.atMicros(), List.of(entry)));
        assertThat(new LedgerCheck(database).run().findings())
                .extracting(Finding::kind)
                .contains(Kind.DANGLING);
    }

    /** Its digest holds, and yet it is not what the pages give: what a wrong writer leaves behind. */
    @Test
    void aSnapshotOfAnotherStateIsNamed() {
        State other = new State();
        pages.subList(0, 20).forEach(page -> page.entries().forEach(other::apply));
        List<Entry> entries = Snapshot.of(other);
        long revision = pages.get(60).lastRevision();
        ledger.writeSnapshot(revision, 1, entries);
        assertThat(new LedgerCheck(database).run().findings())
                .anyMatch(finding -> finding.kind() == Kind.SNAPSHOT_DIFFERS && finding.revision() == revision);
    }

    @Test
    void aLiveStateThatDiffersIsNamed() {
        assertThat(new LedgerCheck(database)
                        .against(state.revision(), "another")
                        .run()
                        .findings())
                .extracting(Finding::kind)
                .containsExactly(Kind.LIVE_DIFFERS);
    }

    @Test
    void aHistoryThatIsMadeAnewIsSoundAndSaysWhatEnded() {
        new HistoryRebuild(database).run();
        assertThat(new LedgerCheck(database).run().findings()).isEmpty();
        List<EndedJob> jobs = new JdbcHistory(database).list(Query.ALL, 1000);
        assertThat(jobs)
                .hasSizeGreaterThan(3)
                .isSortedAccordingTo(
                        Comparator.comparingLong(EndedJob::revision).reversed());
        new HistoryRebuild(database).run();
        assertThat(new JdbcHistory(database).list(Query.ALL, 1000)).isEqualTo(jobs);
    }

    @Test
    void whatTheHistoryTellsOtherwiseIsNamed() throws SQLException {
        new HistoryRebuild(database).run();
        List<EndedJob> jobs = new JdbcHistory(database).list(Query.ALL, 3);
        execute("DELETE FROM job_history WHERE revision = " + jobs.get(0).revision());
        execute("UPDATE job_history SET phase = 'LOST' WHERE revision = "
                + jobs.get(1).revision());
        execute("UPDATE job_history SET revision = revision - 1 WHERE revision = "
                + jobs.get(2).revision());
        assertThat(new LedgerCheck(database).run().findings())
                .extracting(Finding::kind)
                .containsExactly(
                        Kind.HISTORY_UNKNOWN, Kind.HISTORY_MISSING, Kind.HISTORY_DIFFERS, Kind.HISTORY_MISSING);
    }

    @Test
    void whatEndedAfterTheWatermarkMayBeOnItsWay() throws SQLException {
        new HistoryRebuild(database).run();
        EndedJob last = new JdbcHistory(database).list(Query.ALL, 1).getFirst();
        execute("DELETE FROM job_history WHERE revision = " + last.revision());
        execute("UPDATE job_history_watermark SET revision = " + (last.revision() - 1));
        assertThat(new LedgerCheck(database).run().findings()).isEmpty();
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, TestDatabase.user(), TestDatabase.password());
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isPositive();
        }
    }
}
