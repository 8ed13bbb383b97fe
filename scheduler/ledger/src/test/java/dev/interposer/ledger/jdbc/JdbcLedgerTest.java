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
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class JdbcLedgerTest {
    private static final long MINUTE = 60_000;

    private final String url = TestDatabase.create();
    private final LedgerDatabase database = TestDatabase.open(url);
    private final JdbcLedger ledger = ledger();
    /** Kept, so that their connections stay. */
    private final List<JdbcLeaseStore> leases = new ArrayList<>();

    @Test
    void whatIsAppendedIsReadBackInOrder() {
        long epoch = lead("a");
        ledger.append(page(1, 3, epoch));
        ledger.append(page(4, 2, epoch));
        assertThat(ledger().read(1, 10)).containsExactly(page(1, 3, epoch), page(4, 2, epoch));
        assertThat(ledger().read(5, 10)).containsExactly(page(4, 2, epoch));
        assertThat(ledger().read(6, 10)).isEmpty();
    }

    @Test
    void afterATakeoverTheOldLeaderAppendsNothing() {
        long old = lead("a");
        ledger.append(page(1, 1, old));
        expireLease();
        long epoch = lead("b");
        assertThat(epoch).isGreaterThan(old);
        fails(Kind.NOT_LEADER, () -> ledger.append(page(2, 1, old)));
        assertThat(ledger().read(1, 10)).containsExactly(page(1, 1, old));
    }

    @Test
    void withoutTheEpochInTheStatementTheOldLeaderWouldAppend() throws SQLException {
        long old = lead("a");
        ledger.append(page(1, 1, old));
        expireLease();
        lead("b");
        // The same statement but for its last condition: this is what the fence consists of.
        execute("INSERT INTO page (first_revision, last_revision, epoch, at_micros, format, engine_version,"
                + " previous_digest, frame) SELECT 2, 2, " + old + ", 2, 1, 'test', '', '' FROM lease"
                + " WHERE lease.id = 1 FOR SHARE");
        fails(Kind.UNREADABLE, () -> ledger().read(1, 10));
    }

    @Test
    void twoLeadersCannotWriteTheSameRevision() {
        long epoch = lead("a");
        JdbcLedger other = ledger();
        other.append(page(1, 1, epoch));
        fails(Kind.NOT_LEADER, () -> ledger.append(page(1, 2, epoch)));
    }

    @Test
    void aGapIsRefused() {
        long epoch = lead("a");
        ledger.append(page(1, 1, epoch));
        fails(Kind.NOT_LEADER, () -> ledger.append(page(3, 1, epoch)));
    }

    @Test
    void anAlteredPageIsFound() throws SQLException {
        long epoch = lead("a");
        ledger.append(page(1, 1, epoch));
        ledger.append(page(2, 1, epoch));
        ledger.append(page(3, 1, epoch));
        execute("UPDATE page SET frame = (SELECT frame FROM page WHERE first_revision = 3) WHERE first_revision = 2");
        fails(Kind.UNREADABLE, () -> ledger().read(1, 10));
    }

    @Test
    void theLeaseIsNotGivenTwice() {
        assertThat(lead("a")).isPositive();
        assertThat(new JdbcLeaseStore(database).acquire("b", MINUTE)).isZero();
    }

    @Test
    void aLeaseWhoseHolderIsGoneIsFreeAtOnce() throws InterruptedException {
        long old = lead("a");
        leases.getLast().close();
        JdbcLeaseStore other = new JdbcLeaseStore(database);
        long epoch = 0;
        for (int tries = 0; epoch == 0 && tries < 500; tries++) {
            Thread.sleep(10);
            epoch = other.acquire("b", MINUTE);
        }
        assertThat(epoch).isGreaterThan(old);
    }

    @Test
    void aHolderThatConnectedAnewIsNotTakenForGone() {
        long epoch = lead("a");
        leases.getLast().close();
        JdbcLeaseStore again = new JdbcLeaseStore(database);
        assertThat(again.renew("a", epoch, MINUTE)).isTrue();
        assertThat(new JdbcLeaseStore(database).acquire("b", MINUTE)).isZero();
        again.close();
    }

    @Test
    void itIsKnownHowLongNobodyLed() throws SQLException {
        JdbcLeaseStore lease = new JdbcLeaseStore(database);
        lease.acquire("a", MINUTE);
        assertThat(lease.vacantMillis()).as("nobody ever").isEqualTo(Long.MAX_VALUE);
        ledger.append(page(1, 1, 1));
        execute("UPDATE lease SET expires_at = clock_timestamp() - interval '1 hour'");
        lease.acquire("b", MINUTE);
        assertThat(lease.vacantMillis()).isBetween(3_600_000L, 3_700_000L);
        ledger.append(page(2, 1, 2));
        lease.release("b", 2);
        assertThat(lease.acquire("c", MINUTE)).isEqualTo(3);
        assertThat(lease.vacantMillis()).isLessThan(10_000);
        lease.release("c", 3);
        lease.acquire("d", MINUTE);
        assertThat(lease.vacantMillis())
                .as("c left no page, so nobody knows what it was to do")
                .isEqualTo(Long.MAX_VALUE);
        lease.close();
    }

    @Test
    void aLeaseThatWasTakenOverIsNotRenewed() {
        long old = lead("a");
        expireLease();
        lead("b");
        assertThat(new JdbcLeaseStore(database).renew("a", old, MINUTE)).isFalse();
    }

    @Test
    void aSnapshotThatWasDamagedIsPassedOver() throws SQLException {
        ledger.writeSnapshot(10, 1, entries(1, 3000));
        ledger.writeSnapshot(20, 2, entries(1, 4500));
        List<Entry> read = new ArrayList<>();
        assertThat(ledger.readSnapshot(read::add)).isEqualTo(20);
        assertThat(read).hasSize(4500);
        execute("UPDATE snapshot_chunk SET body = '\\x00' WHERE revision = 20 AND chunk = 1");
        read.clear();
        assertThat(ledger.readSnapshot(read::add)).isEqualTo(10);
        assertThat(read).hasSize(3000);
    }

    @Test
    void aDatabaseWithoutFsyncIsUnsafe() throws IOException {
        // Left to its own defaults this PostgreSQL does not sync.
        try (EmbeddedPostgres careless = EmbeddedPostgres.builder().start()) {
            String address = careless.getJdbcUrl("postgres", "postgres");
            LedgerDatabase unsafe = new LedgerDatabase(address, "postgres", "", Durability.LOCAL);
            fails(Kind.UNSAFE, unsafe::migrate);
        }
    }

    @Test
    void withoutASynchronousStandbyReplicatedDurabilityIsRefused() {
        LedgerDatabase replicated =
                new LedgerDatabase(url, TestDatabase.user(), TestDatabase.password(), Durability.REPLICATED);
        fails(Kind.UNSAFE, replicated::connect);
    }

    @Test
    void aDatabaseThatIsAwayIsSaidToBe() {
        LedgerDatabase away = new LedgerDatabase("jdbc:postgresql://localhost:1/x", "x", "x", Durability.LOCAL);
        fails(Kind.UNREACHABLE, away::migrate);
    }

    private JdbcLedger ledger() {
        return new JdbcLedger(database, new PageCodec(new EventCodec()), "test");
    }

    private long lead(String holder) {
        JdbcLeaseStore lease = new JdbcLeaseStore(database);
        leases.add(lease);
        return lease.acquire(holder, MINUTE);
    }

    private void expireLease() {
        try {
            execute("UPDATE lease SET expires_at = now() - interval '1 s'");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, TestDatabase.user(), TestDatabase.password());
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
        return new Page(first, epoch, first * 10, entries(first, count));
    }

    private static List<Entry> entries(long first, int count) {
        List<Entry> entries = new ArrayList<>();
        for (long revision = first; revision < first + count; revision++) {
            entries.add(new Entry(revision, first * 10, Actor.SCHEDULER, new SettingEvent.IdsTaken(revision)));
        }
        return entries;
    }
}
