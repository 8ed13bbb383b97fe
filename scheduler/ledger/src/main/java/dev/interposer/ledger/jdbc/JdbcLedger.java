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
 * <p>Each page bears its own digest and that of the one before, so that a page altered, or lost in the middle, is found
 * when it is read. The digest of the last page that we read or wrote is kept when the connection is lost: a ledger that
 * does not hold that page any more is another one, restored from a backup.
 */
public final class JdbcLedger implements Ledger, AutoCloseable {
    private static final String DUPLICATE_KEY = "23505";
    /** A check violation; the only one that an append meets is a missing partition. */
    private static final String NO_PARTITION = "23514";

    private static final String APPEND = """
            INSERT INTO page (first_revision, last_revision, epoch, at_micros, format, engine_version,
                previous_digest, frame, digest)
            SELECT ?, ?, lease.epoch, ?, ?, ?, ?, ?, ? FROM lease WHERE lease.id = 1 AND lease.epoch = ? FOR SHARE""";
    private static final String READ = """
            SELECT first_revision, last_revision, format, previous_digest, frame, digest FROM page
            WHERE first_revision >= coalesce(
                (SELECT first_revision FROM page WHERE first_revision <= ? ORDER BY first_revision DESC LIMIT 1), 0)
            AND last_revision >= ? ORDER BY first_revision LIMIT ?""";
    private static final String LAST = """
            SELECT first_revision, last_revision, previous_digest, frame, digest FROM page
            WHERE first_revision <= ? ORDER BY first_revision DESC LIMIT 1""";

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
        byte[] after = digest(digest, frame);
        try (PreparedStatement statement = open.prepareStatement(APPEND)) {
            statement.setLong(1, page.firstRevision());
            statement.setLong(2, page.lastRevision());
            statement.setLong(3, page.atMicros());
            statement.setInt(4, PageCodec.FORMAT);
            statement.setString(5, engineVersion);
            statement.setBytes(6, digest);
            statement.setBytes(7, frame);
            statement.setBytes(8, after);
            statement.setLong(9, page.epoch());
            if (statement.executeUpdate() != 1) {
                throw new LedgerException(Kind.NOT_LEADER, "epoch " + page.epoch() + " leads no more");
            }
        } catch (SQLException e) {
            throw failedAppend(page, e);
        }
        digest = after;
        digestedRevision = page.lastRevision();
        long half = database.partitionRevisions() / 2;
        if (page.lastRevision() / half != (page.firstRevision() - 1) / half) {
            // Off the hot path, long before the partition is needed.
            Thread.ofVirtual().name("ledger-partitions").start(() -> makePartitions(page.lastRevision() + half));
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
    public void writeSnapshot(long revision, long atMicros, Iterable<Entry> entries) {
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
        byte[] own = checked(first, previous, frame, rows.getBytes(6));
        if (digestedRevision == first - 1 && !Arrays.equals(previous, digest)) {
            throw new LedgerException(
                    Kind.UNREADABLE, "page " + first + " does not follow the page before it: one of them was altered");
        }
        digest = own;
        digestedRevision = last;
        Page page = codec.decode(rows.getInt(3), frame);
        if (page.firstRevision() != first || page.lastRevision() != last) {
            throw new LedgerException(Kind.UNREADABLE, "page " + first + " holds other revisions than its row says");
        }
        return page;
    }

    /** The end of a page's chain; a page that its own digest does not fit was altered. */
    private static byte[] checked(long first, byte[] previous, byte[] frame, byte @Nullable [] own) {
        byte[] found = digest(previous, frame);
        if (own != null && !Arrays.equals(own, found)) {
            throw new LedgerException(Kind.UNREADABLE, "page " + first + " was altered: its digest does not fit");
        }
        return found;
    }

    private void digestLast(Connection open) {
        End end = end(open, Long.MAX_VALUE);
        digestedRevision = end.revision;
        digest = end.digest;
    }

    /** The last page at or before a revision: its last revision, and the digest up to there. */
    private static final class End {
        private final long revision;
        private final byte[] digest;

        End(long revision, byte[] digest) {
            this.revision = revision;
            this.digest = digest;
        }
    }

    private End end(Connection open, long revision) {
        try (PreparedStatement statement = open.prepareStatement(LAST)) {
            statement.setLong(1, revision);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next()
                        ? new End(
                                rows.getLong(2),
                                checked(rows.getLong(1), rows.getBytes(3), rows.getBytes(4), rows.getBytes(5)))
                        : new End(0, new byte[0]);
            }
        } catch (SQLException e) {
            drop();
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** After a reconnect: what we knew must still be there. */
    private void checkKnown(Connection open) {
        if (digestedRevision <= 0) {
            return;
        }
        End now = end(open, digestedRevision);
        if (now.revision != digestedRevision || !Arrays.equals(now.digest, digest)) {
            long known = digestedRevision;
            digestedRevision = -1;
            throw new LedgerException(
                    Kind.REPLACED,
                    "the ledger does not hold revision " + known + " as it was: a backup was restored under us");
        }
    }

    private static byte[] digest(byte[] previous, byte[] frame) {
        MessageDigest sha256 = Digests.sha256();
        sha256.update(previous);
        return sha256.digest(frame);
    }

    private LedgerException failedAppend(Page page, SQLException e) {
        drop();
        if (DUPLICATE_KEY.equals(e.getSQLState())) {
            return new LedgerException(Kind.NOT_LEADER, "another leader wrote this revision", e);
        }
        if (NO_PARTITION.equals(e.getSQLState())) {
            makePartitions(page.lastRevision());
        }
        return new LedgerException(Kind.UNKNOWN, "the append was not answered: " + e.getMessage(), e);
    }

    /** On a connection of its own. */
    private void makePartitions(long revision) {
        try (Connection own = database.connect()) {
            database.ensurePartitions(own, revision);
        } catch (SQLException | LedgerException e) {
            // The next half of a partition tries again; an append without a partition fails loudly, and tries too.
            System.getLogger(JdbcLedger.class.getName())
                    .log(System.Logger.Level.WARNING, "a partition could not be made ahead", e);
        }
    }

    private Connection open() {
        if (connection == null) {
            Connection fresh = database.connect();
            connection = fresh;
            checkKnown(fresh);
        }
        return connection;
    }

    private void drop() {
        LedgerDatabase.close(connection);
        connection = null;
    }
}
