package dev.interposer.ledger.jdbc;

import dev.interposer.control.port.Ledger;
import dev.interposer.control.port.LedgerException;
import dev.interposer.control.port.LedgerException.Kind;
import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.ledger.codec.Digests;
import dev.interposer.ledger.codec.PageCodec;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Pages in PostgreSQL, one row a commit.
 *
 * <p>The naive fence reads the epoch, then inserts: a leader stopped in between appends after its successor began.
 * Reading it in the same transaction is no better at read committed, and locking it in a transaction of several
 * statements lets a stopped leader block the takeover for ever. So the fence is inside one autocommit statement: the
 * insert selects from the lease under {@code FOR SHARE}. It either ends before a takeover's update, which waits for
 * it, or finds another epoch and writes nothing. A duplicate key means the same. The unhappy path is an answer that
 * never comes: the page may or may not be there, and the caller must read again.
 *
 * <p>Each page bears the digest of the one before, so that a page altered or lost in the middle is found when it is
 * read.
 */
public final class JdbcLedger implements Ledger, AutoCloseable {
    private static final String DUPLICATE_KEY = "23505";
    private static final String APPEND = """
            INSERT INTO page
                (first_revision, last_revision, epoch, at_micros, format, engine_version, previous_digest, frame)
            SELECT ?, ?, lease.epoch, ?, ?, ?, ?, ? FROM lease WHERE lease.id = 1 AND lease.epoch = ? FOR SHARE""";
    private static final String READ = """
            SELECT first_revision, last_revision, format, previous_digest, frame FROM page
            WHERE first_revision >= coalesce(
                (SELECT first_revision FROM page WHERE first_revision <= ? ORDER BY first_revision DESC LIMIT 1), 0)
            AND last_revision >= ? ORDER BY first_revision LIMIT ?""";
    private static final String LAST = """
            SELECT last_revision, previous_digest, frame FROM page ORDER BY first_revision DESC LIMIT 1""";

    private final LedgerDatabase database;
    private final PageCodec codec;
    private final String engineVersion;
    private final JdbcSnapshots snapshots;
    private @Nullable Connection connection;
    private long digestedRevision = -1;
    private byte[] digest = new byte[0];

    public JdbcLedger(LedgerDatabase database, PageCodec codec, String engineVersion) {
        this.database = database;
        this.codec = codec;
        this.engineVersion = engineVersion;
        this.snapshots = new JdbcSnapshots(database, codec);
    }

    @Override
    public synchronized void append(Page page) {
        byte[] frame = codec.encode(page);
        Connection open = open();
        if (digestedRevision != page.firstRevision() - 1) {
            digestLast(open);
        }
        if (digestedRevision != page.firstRevision() - 1) {
            throw new LedgerException(
                    Kind.NOT_LEADER,
                    "the ledger ends at revision " + digestedRevision + " and the page begins at "
                            + page.firstRevision());
        }
        try (PreparedStatement statement = open.prepareStatement(APPEND)) {
            statement.setLong(1, page.firstRevision());
            statement.setLong(2, page.lastRevision());
            statement.setLong(3, page.atMicros());
            statement.setInt(4, PageCodec.FORMAT);
            statement.setString(5, engineVersion);
            statement.setBytes(6, digest);
            statement.setBytes(7, frame);
            statement.setLong(8, page.epoch());
            if (statement.executeUpdate() != 1) {
                throw new LedgerException(Kind.NOT_LEADER, "epoch " + page.epoch() + " leads no more");
            }
        } catch (SQLException e) {
            throw failedAppend(e);
        }
        digest = digest(digest, frame);
        digestedRevision = page.lastRevision();
        if (page.lastRevision() / (LedgerDatabase.PARTITION_REVISIONS / 2)
                != (page.firstRevision() - 1) / (LedgerDatabase.PARTITION_REVISIONS / 2)) {
            makePartitionsAhead(page.lastRevision());
        }
    }

    @Override
    public synchronized List<Page> read(long fromRevision, int mostPages) {
        try (PreparedStatement statement = open().prepareStatement(READ)) {
            statement.setLong(1, fromRevision);
            statement.setLong(2, fromRevision);
            statement.setInt(3, mostPages);
            try (ResultSet rows = statement.executeQuery()) {
                List<Page> pages = new ArrayList<>();
                while (rows.next()) {
                    pages.add(page(rows));
                }
                return pages;
            }
        } catch (SQLException e) {
            drop();
            throw LedgerDatabase.unreachable(e);
        }
    }

    @Override
    public void writeSnapshot(long revision, long atMicros, List<Entry> entries) {
        snapshots.write(revision, atMicros, entries);
    }

    @Override
    public long readSnapshot(Consumer<Entry> sink) {
        return snapshots.read(sink);
    }

    @Override
    public synchronized void close() {
        drop();
    }

    private Page page(ResultSet rows) throws SQLException {
        long first = rows.getLong(1);
        long last = rows.getLong(2);
        byte[] previous = rows.getBytes(4);
        byte[] frame = rows.getBytes(5);
        if (digestedRevision == first - 1 && !Arrays.equals(previous, digest)) {
            throw new LedgerException(
                    Kind.UNREADABLE, "page " + first + " does not follow the page before it: one of them was altered");
        }
        digest = digest(previous, frame);
        digestedRevision = last;
        Page page = codec.decode(rows.getInt(3), frame);
        if (page.firstRevision() != first || page.lastRevision() != last) {
            throw new LedgerException(Kind.UNREADABLE, "page " + first + " holds other revisions than its row says");
        }
        return page;
    }

    private void digestLast(Connection open) {
        try (PreparedStatement statement = open.prepareStatement(LAST);
                ResultSet rows = statement.executeQuery()) {
            if (rows.next()) {
                digestedRevision = rows.getLong(1);
                digest = digest(rows.getBytes(2), rows.getBytes(3));
            } else {
                digestedRevision = 0;
                digest = new byte[0];
            }
        } catch (SQLException e) {
            drop();
            throw LedgerDatabase.unreachable(e);
        }
    }

    private static byte[] digest(byte[] previous, byte[] frame) {
        MessageDigest sha256 = Digests.sha256();
        sha256.update(previous);
        return sha256.digest(frame);
    }

    private LedgerException failedAppend(SQLException e) {
        drop();
        if (DUPLICATE_KEY.equals(e.getSQLState())) {
            return new LedgerException(Kind.NOT_LEADER, "another leader wrote this revision", e);
        }
        return new LedgerException(Kind.UNKNOWN, "the append was not answered: " + e.getMessage(), e);
    }

    /** Off the hot path, on a connection of its own, long before the partition is needed. */
    private void makePartitionsAhead(long revision) {
        Thread.ofVirtual().name("ledger-partitions").start(() -> {
            try (Connection own = database.connect()) {
                LedgerDatabase.ensurePartitions(own, revision + LedgerDatabase.PARTITION_REVISIONS / 2);
            } catch (SQLException | LedgerException e) {
                // The next half of a partition tries again; an append without a partition fails loudly.
                System.getLogger(JdbcLedger.class.getName())
                        .log(System.Logger.Level.WARNING, "a partition could not be made ahead", e);
            }
        });
    }

    private Connection open() {
        if (connection == null) {
            connection = database.connect();
            digestedRevision = -1;
        }
        return connection;
    }

    private void drop() {
        LedgerDatabase.close(connection);
        connection = null;
        digestedRevision = -1;
    }
}
