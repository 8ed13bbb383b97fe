package dev.interposer.ledger.jdbc;

import dev.interposer.ledger.jdbc.StoredThroughput.Sums;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * What attempts were measured to do, in a table beside the pages.
 *
 * <p>A leader writes what it measured since it leads, again and again: in the place of what it wrote before, and beside
 * what leaders before it wrote. So nothing counts twice, whether a write came through of which nobody heard, or a
 * leader that leads no more still writes.
 */
public final class JdbcThroughput {
    private static final int ROWS_AT_ONCE = 1000;

    private static final List<String> SUMS =
            List.of("chip_millis", "span_millis", "done", "spans", "suspicious_spans", "restarts");

    private static final String SAVE = save();

    private static final String LIST = list();

    private static final String TRIM = "DELETE FROM throughput USING (SELECT job_id, gang, attempt, class_name, unit,"
            + " row_number() OVER (PARTITION BY family, unit, class_name ORDER BY measured_at DESC, job_id DESC,"
            + " gang DESC, attempt DESC) AS in_cell, row_number() OVER (ORDER BY measured_at DESC, job_id DESC,"
            + " gang DESC, attempt DESC) AS in_all FROM throughput) AS ranked"
            + " WHERE (ranked.in_cell > ? OR ranked.in_all > ?) AND throughput.job_id = ranked.job_id"
            + " AND throughput.gang = ranked.gang AND throughput.attempt = ranked.attempt"
            + " AND throughput.class_name = ranked.class_name AND throughput.unit = ranked.unit";

    private final LedgerDatabase database;

    public JdbcThroughput(LedgerDatabase database) {
        this.database = database;
    }

    private static String save() {
        StringBuilder sql = new StringBuilder("INSERT INTO throughput AS known (job_id, gang, attempt, family,"
                + " class_name, unit, chips, epoch, " + String.join(", ", SUMS) + ") SELECT job, gang, attempt, family,"
                + " class, unit, chips, ?::bigint, s1, s2, s3, s4, s5, s6 FROM unnest(?::bigint[], ?::int[], ?::int[],"
                + " ?::text[], ?::text[], ?::text[], ?::int[], ?::bigint[], ?::bigint[], ?::bigint[], ?::int[],"
                + " ?::int[], ?::int[]) AS given (job, gang, attempt, family, class, unit, chips, s1, s2, s3, s4, s5,"
                + " s6) ON CONFLICT (job_id, gang, attempt, class_name, unit) DO UPDATE SET"
                + " epoch = excluded.epoch, chips = excluded.chips, measured_at = now()");
        for (String sum : SUMS) {
            sql.append(", ").append(sum).append(" = excluded.").append(sum);
            sql.append(", earlier_")
                    .append(sum)
                    .append(" = CASE WHEN known.epoch < excluded.epoch THEN least(")
                    .append(StoredThroughput.MOST)
                    .append(", known.earlier_" + sum + "::bigint + known." + sum + ") ELSE known.earlier_" + sum)
                    .append(" END");
        }
        return sql.append(" WHERE known.epoch <= excluded.epoch").toString();
    }

    private static String list() {
        StringBuilder sql = new StringBuilder("SELECT job_id, gang, attempt, family, class_name, unit, chips");
        for (String sum : SUMS) {
            sql.append(", least(").append(StoredThroughput.MOST).append(", earlier_" + sum + "::bigint + " + sum + ")");
        }
        return sql.append(", (extract(epoch FROM measured_at) * 1000000)::bigint FROM throughput"
                        + " WHERE ? = '' OR family = ? ORDER BY job_id, gang, attempt, class_name, unit LIMIT ?")
                .toString();
    }

    /** Writes what the leader of an epoch has measured so far of some attempts. Nobody waits for it to be durable. */
    public void save(long epoch, List<StoredThroughput> rows) {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET LOCAL synchronous_commit = off");
            }
            for (int from = 0; from < rows.size(); from += ROWS_AT_ONCE) {
                upsert(connection, epoch, rows.subList(from, Math.min(rows.size(), from + ROWS_AT_ONCE)));
            }
            connection.commit();
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** Keeps the newest attempts of each family, unit and class, and so many of all; how many were taken away. */
    public int trim(int mostOfCell, int mostOfAll) {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(TRIM)) {
            statement.setInt(1, mostOfCell);
            statement.setInt(2, mostOfAll);
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** Of one family, or of all for an empty name. */
    public List<StoredThroughput> list(String family, int most) {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(LIST)) {
            statement.setString(1, family);
            statement.setString(2, family);
            statement.setInt(3, most);
            List<StoredThroughput> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(row(rows));
                }
            }
            return found;
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    private static StoredThroughput row(ResultSet row) throws SQLException {
        Sums sums = new Sums(
                row.getLong(8), row.getLong(9), row.getLong(10), row.getInt(11), row.getInt(12), row.getInt(13));
        return new StoredThroughput(
                row.getLong(1),
                row.getInt(2),
                row.getInt(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getInt(7),
                sums,
                row.getLong(14));
    }

    private static void upsert(Connection connection, long epoch, List<StoredThroughput> rows) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SAVE)) {
            statement.setLong(1, epoch);
            Columns<StoredThroughput> columns = new Columns<>(statement, rows, 2);
            columns.longs(StoredThroughput::jobId);
            columns.ints(StoredThroughput::gang);
            columns.ints(StoredThroughput::attempt);
            columns.texts(StoredThroughput::family);
            columns.texts(StoredThroughput::className);
            columns.texts(StoredThroughput::unit);
            columns.ints(StoredThroughput::chips);
            columns.longs(row -> row.sums().chipMillis());
            columns.longs(row -> row.sums().spanMillis());
            columns.longs(row -> row.sums().done());
            columns.ints(row -> row.sums().spans());
            columns.ints(row -> row.sums().suspiciousSpans());
            columns.ints(row -> row.sums().restarts());
            statement.executeUpdate();
        }
    }
}
