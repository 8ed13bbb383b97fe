package dev.interposer.ledger.jdbc;

import dev.interposer.control.port.LedgerException;
import dev.interposer.control.port.LedgerException.Kind;
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
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Snapshots in pieces, on a connection of their own so that the writer never waits for them. The newest two are kept.
 */
final class JdbcSnapshots {
    private static final int CHUNK_ENTRIES = 2000;
    private static final int KEPT = 2;

    private final LedgerDatabase database;
    private final PageCodec codec;

    JdbcSnapshots(LedgerDatabase database, PageCodec codec) {
        this.database = database;
        this.codec = codec;
    }

    void write(long revision, long atMicros, Iterable<Entry> entries) {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            MessageDigest digest = Digests.sha256();
            int chunks = 0;
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO snapshot_chunk (revision, chunk, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")) {
                Iterator<Entry> handed = entries.iterator();
                List<Entry> part = new ArrayList<>(CHUNK_ENTRIES);
                while (handed.hasNext()) {
                    part.add(handed.next());
                    if (part.size() == CHUNK_ENTRIES || !handed.hasNext()) {
                        byte[] body = codec.encodeChunk(part);
                        digest.update(body);
                        insert.setLong(1, revision);
                        insert.setInt(2, chunks++);
                        insert.setBytes(3, body);
                        insert.executeUpdate();
                        part.clear();
                    }
                }
            }
            finish(connection, revision, atMicros, chunks, digest.digest());
            connection.commit();
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    private static void finish(Connection connection, long revision, long atMicros, int chunks, byte[] digest)
            throws SQLException {
        try (PreparedStatement head = connection.prepareStatement("INSERT INTO snapshot (revision, at_micros, format,"
                + " chunks, digest) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
            head.setLong(1, revision);
            head.setLong(2, atMicros);
            head.setInt(3, PageCodec.FORMAT);
            head.setInt(4, chunks);
            head.setBytes(5, digest);
            head.executeUpdate();
        }
        String older = "SELECT revision FROM snapshot ORDER BY revision DESC OFFSET " + KEPT;
        try (PreparedStatement chunk =
                        connection.prepareStatement("DELETE FROM snapshot_chunk WHERE revision IN (" + older + ")");
                PreparedStatement head =
                        connection.prepareStatement("DELETE FROM snapshot WHERE revision IN (" + older + ")")) {
            chunk.executeUpdate();
            head.executeUpdate();
        }
    }

    /** The newest good one; a damaged one is passed over, since the pages hold everything. */
    long read(Consumer<Entry> sink) {
        try (Connection connection = database.connect();
                PreparedStatement heads = connection.prepareStatement(
                        "SELECT revision, chunks, digest FROM snapshot WHERE format = ? ORDER BY revision DESC")) {
            heads.setInt(1, PageCodec.FORMAT);
            try (ResultSet rows = heads.executeQuery()) {
                while (rows.next()) {
                    List<byte[]> bodies = bodies(connection, rows.getLong(1));
                    if (bodies.size() == rows.getInt(2) && Arrays.equals(digest(bodies), rows.getBytes(3))) {
                        bodies.forEach(body -> codec.decodeChunk(body).forEach(sink));
                        return rows.getLong(1);
                    }
                }
                return 0;
            }
        } catch (SQLException e) {
            throw new LedgerException(Kind.UNREACHABLE, "a snapshot can't be fetched: " + e.getMessage(), e);
        }
    }

    /** Hands over the entries of one snapshot if its digest holds. */
    static boolean readOne(Connection connection, long revision, PageCodec codec, Consumer<Entry> sink)
            throws SQLException {
        try (PreparedStatement head =
                connection.prepareStatement("SELECT chunks, digest FROM snapshot WHERE revision = ?")) {
            head.setLong(1, revision);
            try (ResultSet row = head.executeQuery()) {
                List<byte[]> bodies = bodies(connection, revision);
                boolean good =
                        row.next() && bodies.size() == row.getInt(1) && Arrays.equals(digest(bodies), row.getBytes(2));
                if (good) {
                    bodies.forEach(body -> codec.decodeChunk(body).forEach(sink));
                }
                return good;
            }
        }
    }

    private static List<byte[]> bodies(Connection connection, long revision) throws SQLException {
        try (PreparedStatement chunks =
                connection.prepareStatement("SELECT body FROM snapshot_chunk WHERE revision = ? ORDER BY chunk")) {
            chunks.setLong(1, revision);
            try (ResultSet rows = chunks.executeQuery()) {
                List<byte[]> bodies = new ArrayList<>();
                while (rows.next()) {
                    bodies.add(rows.getBytes(1));
                }
                return bodies;
            }
        }
    }

    private static byte[] digest(List<byte[]> bodies) {
        MessageDigest digest = Digests.sha256();
        bodies.forEach(digest::update);
        return digest.digest();
    }
}
