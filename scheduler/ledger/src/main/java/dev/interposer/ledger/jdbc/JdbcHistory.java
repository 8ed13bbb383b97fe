package dev.interposer.ledger.jdbc;

import dev.interposer.ledger.history.EndedJob;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Jobs that ended, in a table beside the pages. What is written is not waited for to be durable: the watermark is
 * written with it, and what a crash takes is derived again.
 */
public final class JdbcHistory {
    private static final int ROWS_AT_ONCE = 1000;

    private static final String COLUMNS = "revision, job_id, namespace, name, queue_name, user_name, phase, reason,"
            + " class_name, attempts, submitted_at_micros, started_at_micros, ended_at_micros";

    private final LedgerDatabase database;

    /**
     * Which jobs. Empty texts stand for all.
     *
     * @param sinceMicros those that ended then or later
     * @param beforeRevision those that ended before that event
     */
    public record Query(String namespace, String name, String queueName, long sinceMicros, long beforeRevision) {
        public static final Query ALL = new Query("", "", "", 0, Long.MAX_VALUE);
    }

    public JdbcHistory(LedgerDatabase database) {
        this.database = database;
    }

    /** Up to which revision every job that ended is there. */
    public long watermark() {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT revision FROM job_history_watermark")) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** Adds jobs, those that are there already once only; then every job that ended up to the revision is there. */
    public void add(List<EndedJob> jobs, long throughRevision) {
        try (Connection connection = open()) {
            for (int from = 0; from < jobs.size(); from += ROWS_AT_ONCE) {
                insert(connection, jobs.subList(from, Math.min(jobs.size(), from + ROWS_AT_ONCE)));
            }
            try (PreparedStatement statement =
                    connection.prepareStatement("UPDATE job_history_watermark SET revision = greatest(revision, ?)")) {
                statement.setLong(1, throughRevision);
                statement.executeUpdate();
            }
            connection.commit();
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** Forgets everything, so that it can be made again from the pages. */
    public void empty() {
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            statement.execute("TRUNCATE job_history");
            statement.execute("UPDATE job_history_watermark SET revision = 0");
            connection.commit();
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** The last to end first. */
    public List<EndedJob> list(Query query, int most) {
        String filter = (query.namespace().isEmpty() ? "" : " AND namespace = ?")
                + (query.name().isEmpty() ? "" : " AND name = ?")
                + (query.queueName().isEmpty() ? "" : " AND queue_name = ?");
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement("SELECT " + COLUMNS
                        + " FROM job_history WHERE revision < ? AND ended_at_micros >= ?" + filter
                        + " ORDER BY revision DESC LIMIT ?")) {
            int place = 0;
            statement.setLong(++place, query.beforeRevision());
            statement.setLong(++place, query.sinceMicros());
            for (String text : new String[] {query.namespace(), query.name(), query.queueName()}) {
                if (!text.isEmpty()) {
                    statement.setString(++place, text);
                }
            }
            statement.setInt(++place, most);
            return jobs(statement);
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** All up to a revision, the first to end first, fetched as they are read. */
    public Iterator<EndedJob> through(long revision) {
        return new Iterator<>() {
            private List<EndedJob> part = List.of();
            private int at;
            private long last;
            private boolean more = true;

            @Override
            public boolean hasNext() {
                if (at == part.size() && more) {
                    part = after(last, revision);
                    at = 0;
                    more = part.size() == ROWS_AT_ONCE;
                    last = part.isEmpty() ? last : part.getLast().revision();
                }
                return at < part.size();
            }

            @Override
            public EndedJob next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return part.get(at++);
            }
        };
    }

    private List<EndedJob> after(long revision, long throughRevision) {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement("SELECT " + COLUMNS
                        + " FROM job_history WHERE revision > ? AND revision <= ? ORDER BY revision LIMIT ?")) {
            statement.setLong(1, revision);
            statement.setLong(2, throughRevision);
            statement.setInt(3, ROWS_AT_ONCE);
            return jobs(statement);
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** A transaction that nobody waits for. */
    private Connection open() throws SQLException {
        Connection connection = database.connect();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL synchronous_commit = off");
        }
        return connection;
    }

    private static void insert(Connection connection, List<EndedJob> jobs) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO job_history (" + COLUMNS
                + ") SELECT * FROM unnest(?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[],"
                + " ?::text[], ?::text[], ?::text[], ?::int[], ?::bigint[], ?::bigint[], ?::bigint[])"
                + " ON CONFLICT DO NOTHING")) {
            Columns<EndedJob> columns = new Columns<>(statement, jobs, 1);
            columns.longs(EndedJob::revision);
            columns.longs(EndedJob::id);
            columns.texts(EndedJob::namespace);
            columns.texts(EndedJob::name);
            columns.texts(EndedJob::queueName);
            columns.texts(EndedJob::userName);
            columns.texts(EndedJob::phase);
            columns.texts(EndedJob::reason);
            columns.texts(EndedJob::className);
            columns.ints(EndedJob::attempts);
            columns.longs(EndedJob::submittedAtMicros);
            columns.longs(EndedJob::startedAtMicros);
            columns.longs(EndedJob::endedAtMicros);
            statement.executeUpdate();
        }
    }

    private static List<EndedJob> jobs(PreparedStatement asked) throws SQLException {
        List<EndedJob> jobs = new ArrayList<>();
        try (ResultSet rows = asked.executeQuery()) {
            while (rows.next()) {
                jobs.add(job(rows));
            }
        }
        return jobs;
    }

    private static EndedJob job(ResultSet row) throws SQLException {
        return new EndedJob(
                row.getLong(1),
                row.getLong(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                row.getString(8),
                row.getString(9),
                row.getInt(10),
                row.getLong(11),
                row.getLong(12),
                row.getLong(13));
    }
}
