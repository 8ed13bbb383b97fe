package dev.interposer.ledger.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.control.port.LedgerException;
import dev.interposer.control.port.LedgerException.Kind;
import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.ledger.codec.PageCodec;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * What the ledger notices of a database that changed under it, where it puts its pages, and what a takeover waits for.
 */
class LedgerIntegrityTest {
    private static final long MINUTE = 60_000;
    private static final long SMALL_PARTITION = 10;
    /** Both block, and a common pool may have one thread. */
    private static final Executor THREADS = task -> Thread.ofPlatform().start(task);

    private final String url = TestDatabase.create();

    @Test
    void anAlteredLastPageIsFoundByAReaderThatKnowsNoOther() throws SQLException {
        LedgerDatabase database = TestDatabase.open(url);
        JdbcLedger ledger = ledger(database);
        long epoch = lead(database, "a");
        ledger.append(page(1, 1, epoch));
        ledger.append(page(2, 1, epoch));
        alter(2);
        fails(Kind.UNREADABLE, () -> ledger(database).read(1, 10));
        fails(Kind.UNREADABLE, () -> ledger(database).append(page(3, 1, epoch)));
    }

    @Test
    void aLastPageAlteredBetweenTwoConnectionsIsFoundAtTheSecond() throws SQLException {
        LedgerDatabase database = TestDatabase.open(url);
        JdbcLedger ledger = ledger(database);
        long epoch = lead(database, "a");
        ledger.append(page(1, 1, epoch));
        ledger.append(page(2, 1, epoch));
        ledger.close();
        alter(2);
        fails(Kind.UNREADABLE, () -> ledger.append(page(3, 1, epoch)));
    }

    /** The digests fit each other: only somebody who was there can tell. */
    @Test
    void aBackupRestoredBetweenTwoConnectionsIsFoundAtTheSecond() throws SQLException {
        LedgerDatabase database = TestDatabase.open(url);
        JdbcLedger ledger = ledger(database);
        long epoch = lead(database, "a");
        ledger.append(page(1, 1, epoch));
        ledger.append(page(2, 1, epoch));
        ledger.close();
        execute("DELETE FROM page WHERE first_revision = 2");
        JdbcLedger other = ledger(database);
        other.append(page(2, 3, epoch));
        fails(Kind.REPLACED, () -> ledger.read(3, 10));
        assertThat(ledger.read(1, 10)).as("read anew").containsExactly(page(1, 1, epoch), page(2, 3, epoch));
        ledger.close();
        execute("DELETE FROM page WHERE first_revision = 2");
        fails(Kind.REPLACED, () -> ledger.append(page(5, 1, epoch)));
    }

    @Test
    void aConnectionThatWasLostChangesNothingOfTheChain() {
        LedgerDatabase database = TestDatabase.open(url);
        JdbcLedger ledger = ledger(database);
        long epoch = lead(database, "a");
        for (long revision = 1; revision <= 4; revision++) {
            ledger.append(page(revision, 1, epoch));
            ledger.close();
        }
        assertThat(ledger(database).read(1, 10)).hasSize(4);
    }

    /** An append that has begun ends before anybody else leads, or the successor would not read it. */
    @Test
    void aTakeoverWaitsForAnAppendUnderWay() throws Exception {
        LedgerDatabase database = TestDatabase.open(url);
        JdbcLedger ledger = ledger(database);
        long old = lead(database, "a");
        ledger.append(page(1, 1, old));
        execute("UPDATE lease SET expires_at = now() - interval '1 s'");
        execute("CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS"
                + " 'BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NEW; END'");
        execute("CREATE TRIGGER hold BEFORE INSERT ON page FOR EACH ROW EXECUTE FUNCTION hold()");
        try (Connection gate = connect();
                Statement statement = gate.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(7)");
            CompletableFuture<Void> append = CompletableFuture.runAsync(() -> ledger.append(page(2, 1, old)), THREADS);
            await(() -> waiting("INSERT INTO page"));
            CompletableFuture<Long> takeover = CompletableFuture.supplyAsync(() -> lead(database, "b"), THREADS);
            await(() -> takeover.isDone() || waiting("UPDATE lease"));
            assertThat(takeover)
                    .as("the takeover, while the append is under way")
                    .isNotDone();
            statement.execute("SELECT pg_advisory_unlock(7)");
            append.get(10, TimeUnit.SECONDS);
            assertThat(takeover.get(10, TimeUnit.SECONDS)).isGreaterThan(old);
        }
        assertThat(ledger(database).read(1, 10)).hasSize(2);
    }

    @Test
    void pagesCrossTheBoundariesOfPartitionsThatWereMadeAhead() throws Exception {
        LedgerDatabase database = partitioned();
        JdbcLedger ledger = ledger(database);
        long epoch = lead(database, "a");
        List<Page> pages = new ArrayList<>();
        for (long first = 1; first < 48; first += 3) {
            Page page = page(first, 3, epoch);
            long next = (page.lastRevision() + SMALL_PARTITION / 2) / SMALL_PARTITION;
            ledger.append(page);
            await(() -> partitions().contains("page_p" + next));
            pages.add(page);
        }
        assertThat(ledger(database).read(1, 100)).isEqualTo(pages);
        assertThat(partitions()).contains("page_p0", "page_p1", "page_p2", "page_p3", "page_p4");
        assertThat(count("page_p2"))
                .as("pages that begin at revisions 20 to 29")
                .isEqualTo(3);
    }

    @Test
    void aPartitionThatCouldNotBeMadeAheadIsMadeWhenAnAppendMissesIt() throws Exception {
        LedgerDatabase database = partitioned();
        JdbcLedger ledger = ledger(database);
        long epoch = lead(database, "a");
        ledger.append(page(1, 1, epoch));
        ledger.append(page(2, 9, epoch));
        await(() -> partitions().contains("page_p2"));
        execute("DROP TABLE page_p1");
        fails(Kind.UNKNOWN, () -> ledger.append(page(11, 1, epoch)));
        ledger.append(page(11, 1, epoch));
        assertThat(ledger(database).read(1, 100)).hasSize(3);
    }

    private LedgerDatabase partitioned() {
        LedgerDatabase database = new LedgerDatabase(
                url, TestDatabase.user(), TestDatabase.password(), Durability.LOCAL, SMALL_PARTITION);
        database.migrate();
        return database;
    }

    private static JdbcLedger ledger(LedgerDatabase database) {
        return new JdbcLedger(database, new PageCodec(new EventCodec()), "test");
    }

    private static long lead(LedgerDatabase database, String holder) {
        return new JdbcLeaseStore(database).acquire(holder, MINUTE);
    }

    /** A frame of the same revisions that was never written. */
    private void alter(long revision) throws SQLException {
        byte[] frame = new PageCodec(new EventCodec())
                .encode(new Page(
                        revision,
                        1,
                        revision * 10,
                        List.of(new Entry(
                                revision, revision * 10, Actor.SCHEDULER, new SettingEvent.IdsTaken(999_999)))));
        try (Connection connection = connect();
                var update = connection.prepareStatement("UPDATE page SET frame = ? WHERE first_revision = ?")) {
            update.setBytes(1, frame);
            update.setLong(2, revision);
            assertThat(update.executeUpdate()).isEqualTo(1);
        }
    }

    private boolean waiting(String beginning) {
        return number("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ILIKE '%"
                        + beginning + "%' AND datname = current_database()")
                > 0;
    }

    private List<String> partitions() {
        List<String> names = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT relname FROM pg_class WHERE relname ~ '^page_p[0-9]+$'")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return names;
    }

    private long count(String table) {
        return number("SELECT count(*) FROM " + table);
    }

    private long number(String query) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 10 s").isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(url, TestDatabase.user(), TestDatabase.password());
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void fails(Kind kind, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        LedgerException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    private static Page page(long first, int count, long epoch) {
        List<Entry> entries = new ArrayList<>();
        for (long revision = first; revision < first + count; revision++) {
            entries.add(new Entry(revision, first * 10, Actor.SCHEDULER, new SettingEvent.IdsTaken(revision)));
        }
        return new Page(first, epoch, first * 10, entries);
    }
}
