package dev.interposer.ledger.jdbc;

import dev.interposer.control.port.LedgerException;
import dev.interposer.engine.event.Entry;
import dev.interposer.ledger.codec.PageCodec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The rows as they are, good or bad, on a connection of their own and in one view of the database. */
public final class RawLedger {
    private static final int ROWS_AT_ONCE = 100;

    private final LedgerDatabase database;
    private final PageCodec codec;

    /** A row of the table of pages. */
    public static final class RawPage {
        private final long firstRevision;
        private final long lastRevision;
        private final long epoch;
        private final long atMicros;
        private final int format;
        private final byte[] previousDigest;
        private final byte[] frame;

        private RawPage(ResultSet row) throws SQLException {
            firstRevision = row.getLong(1);
            lastRevision = row.getLong(2);
            epoch = row.getLong(3);
            atMicros = row.getLong(4);
            format = row.getInt(5);
            previousDigest = row.getBytes(6);
            frame = row.getBytes(7);
        }

        public long firstRevision() {
            return firstRevision;
        }

        public long lastRevision() {
            return lastRevision;
        }

        public long epoch() {
            return epoch;
        }

        public long atMicros() {
            return atMicros;
        }

        public int format() {
            return format;
        }

        /** What it says of the page before; not to be changed. */
        public byte[] previousDigest() {
            return previousDigest;
        }

        /** The page itself; not to be changed. */
        public byte[] frame() {
            return frame;
        }
    }

    /**
     * A stored snapshot.
     *
     * @param good whether its digest holds over all of its pieces
     * @param entries what it folds from; empty when it is not good or can't be read
     */
    public record RawSnapshot(long revision, boolean good, List<Entry> entries) {}

    public RawLedger(LedgerDatabase database, PageCodec codec) {
        this.database = database;
        this.codec = codec;
    }

    /** Hands over the pages from the one that ends at or after a revision, in order, until the sink says no. */
    public void pages(long fromRevision, Predicate<RawPage> sink) {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT first_revision, last_revision, epoch, at_micros, format,"
                            + " previous_digest, frame FROM page WHERE last_revision >= ? ORDER BY first_revision")) {
                statement.setFetchSize(ROWS_AT_ONCE);
                statement.setLong(1, fromRevision);
                try (ResultSet rows = statement.executeQuery()) {
                    boolean more = true;
                    while (more && rows.next()) {
                        more = sink.test(new RawPage(rows));
                    }
                }
            }
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** Every stored snapshot, oldest first. */
    public void snapshots(Consumer<RawSnapshot> sink) {
        List<Long> revisions = new ArrayList<>();
        try (Connection connection = database.connect();
                PreparedStatement statement =
                        connection.prepareStatement("SELECT revision FROM snapshot ORDER BY revision");
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                revisions.add(rows.getLong(1));
            }
            for (long revision : revisions) {
                sink.accept(snapshot(connection, revision));
            }
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    private RawSnapshot snapshot(Connection connection, long revision) throws SQLException {
        List<Entry> entries = new ArrayList<>();
        try {
            boolean good = JdbcSnapshots.readOne(connection, revision, codec, entries::add);
            return new RawSnapshot(revision, good, entries);
        } catch (LedgerException e) {
            return new RawSnapshot(revision, false, List.of());
        }
    }
}
