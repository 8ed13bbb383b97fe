package dev.interposer.ledger.jdbc;

import dev.interposer.control.port.LeaseStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import org.jspecify.annotations.Nullable;

/**
 * The lease row, timed by the database's clock.
 *
 * <p>It records the backend that its holder is connected by. Whoever takes the lease over ends that backend: a server
 * that is stopped in the middle of sending a statement then finds its connection gone instead of an open one.
 *
 * <p>A holder whose backend is gone is dead, or has lost its connection: the lease is free at once, which is what makes
 * the takeover from a killed server fast. If it lives after all, two believe that they lead until its next renewal.
 * That is safe: only one of them can append, since the epoch is in the statement; what the other still says rests on
 * durable pages; and for a node to be given up, and its work placed again, the successor must have missed it for longer
 * than such a renewal takes.
 */
public final class JdbcLeaseStore implements LeaseStore, AutoCloseable {
    private static final String ACQUIRE = """
            UPDATE lease SET epoch = lease.epoch + 1, holder = ?, expires_at = clock_timestamp() + ? * interval '1 ms',
                backend_pid = pg_backend_pid(),
                backend_start = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
            FROM (SELECT backend_pid AS pid, backend_start AS start,
                CASE WHEN isfinite(expires_at) AND epoch = coalesce(
                (SELECT page.epoch FROM page ORDER BY first_revision DESC LIMIT 1), epoch)
                THEN greatest(0, (extract(epoch FROM clock_timestamp() - expires_at) * 1000)::bigint) END AS vacant
                FROM lease WHERE id = 1) AS before
            WHERE id = 1 AND (expires_at < clock_timestamp() OR holder = ? OR (backend_pid <> 0 AND NOT EXISTS (
                SELECT 1 FROM pg_stat_activity AS holding WHERE holding.pid = lease.backend_pid
                AND coalesce(holding.backend_start = lease.backend_start, true))))
            RETURNING epoch, before.pid, before.start, before.vacant""";
    private static final String RENEW = """
            UPDATE lease SET expires_at = clock_timestamp() + ? * interval '1 ms', backend_pid = pg_backend_pid(),
                backend_start = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
            WHERE id = 1 AND epoch = ? AND holder = ? AND expires_at > clock_timestamp()""";
    private static final String RELEASE =
            "UPDATE lease SET expires_at = clock_timestamp() WHERE id = 1 AND epoch = ? AND holder = ?";
    private static final String END_BACKEND = """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE pid = ? AND backend_start = ? AND application_name = 'interposer' AND pid <> pg_backend_pid()""";

    private final LedgerDatabase database;
    private @Nullable Connection connection;
    private volatile long vacantMillis;

    public JdbcLeaseStore(LedgerDatabase database) {
        this.database = database;
    }

    @Override
    public synchronized long acquire(String holder, long durationMillis) {
        try (PreparedStatement statement = open().prepareStatement(ACQUIRE)) {
            statement.setString(1, holder);
            statement.setLong(2, durationMillis);
            statement.setString(3, holder);
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    return 0;
                }
                long epoch = rows.getLong(1);
                long vacant = rows.getLong(4);
                vacantMillis = rows.wasNull() ? Long.MAX_VALUE : vacant;
                endBackend(rows.getInt(2), rows.getTimestamp(3));
                return epoch;
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    @Override
    public long vacantMillis() {
        return vacantMillis;
    }

    @Override
    public synchronized boolean renew(String holder, long epoch, long durationMillis) {
        try (PreparedStatement statement = open().prepareStatement(RENEW)) {
            statement.setLong(1, durationMillis);
            statement.setLong(2, epoch);
            statement.setString(3, holder);
            return statement.executeUpdate() == 1;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    @Override
    public synchronized void release(String holder, long epoch) {
        try (PreparedStatement statement = open().prepareStatement(RELEASE)) {
            statement.setLong(1, epoch);
            statement.setString(2, holder);
            statement.executeUpdate();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    @Override
    public synchronized void close() {
        LedgerDatabase.close(connection);
        connection = null;
    }

    private void endBackend(int pid, @Nullable Timestamp start) throws SQLException {
        if (pid == 0 || start == null) {
            return;
        }
        try (PreparedStatement statement = open().prepareStatement(END_BACKEND)) {
            statement.setInt(1, pid);
            statement.setTimestamp(2, start);
            statement.execute();
        }
    }

    private Connection open() {
        if (connection == null) {
            connection = database.connect();
        }
        return connection;
    }

    private RuntimeException failed(SQLException e) {
        close();
        return LedgerDatabase.unreachable(e);
    }
}
