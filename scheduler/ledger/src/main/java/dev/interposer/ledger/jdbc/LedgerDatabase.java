package dev.interposer.ledger.jdbc;

import dev.interposer.control.port.LedgerException;
import dev.interposer.control.port.LedgerException.Kind;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * One PostgreSQL as the ledger needs it: a direct connection, durable settings, our schema.
 *
 * <p>A transaction pooler in between would break the recorded backend and prepared statements; give the database's own
 * address.
 */
public final class LedgerDatabase {
    private static final long PARTITION_REVISIONS = 50_000_000;

    /** Of the newest migration. */
    private static final String SCHEMA_VERSION = "6";

    /** Where Flyway writes down what it did. */
    private static final String HISTORY = "flyway_schema_history";

    private static final int CONNECT_SECONDS = 5;
    private static final int ANSWER_SECONDS = 15;

    private final PGSimpleDataSource source = new PGSimpleDataSource();
    private final Durability durability;
    private final long partitionRevisions;

    public LedgerDatabase(String jdbcUrl, String user, String password, Durability durability) {
        this(jdbcUrl, user, password, durability, PARTITION_REVISIONS);
    }

    /**
     * @param partitionRevisions revisions in one partition; never another number for the same ledger
     */
    LedgerDatabase(String jdbcUrl, String user, String password, Durability durability, long partitionRevisions) {
        source.setUrl(jdbcUrl);
        source.setUser(user);
        source.setPassword(password);
        source.setConnectTimeout(CONNECT_SECONDS);
        source.setLoginTimeout(CONNECT_SECONDS);
        source.setSocketTimeout(ANSWER_SECONDS);
        source.setTcpKeepAlive(true);
        source.setApplicationName("interposer");
        this.durability = durability;
        this.partitionRevisions = partitionRevisions;
    }

    /** Brings the schema up to this version. */
    public void migrate() {
        // A connection first: its error is plainer than the migration's.
        try (Connection connection = connect()) {
            if (!upToDate(connection)) {
                runMigrations();
            }
            ensurePartitions(connection, 1);
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    private void runMigrations() {
        try {
            Flyway.configure(LedgerDatabase.class.getClassLoader())
                    .dataSource(source)
                    .locations("classpath:dev/interposer/ledger/migration")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            // If the database has gone away meanwhile, this says so.
            close(connect());
            throw new LedgerException(Kind.UNREADABLE, "the ledger's schema can't be brought up to date", e);
        }
    }

    /** Asked of Flyway, the same takes a tenth of a restart. */
    static boolean upToDate(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery("SELECT to_regclass('" + HISTORY + "') IS NOT NULL")) {
                if (!rows.next() || !rows.getBoolean(1)) {
                    return false;
                }
            }
            try (ResultSet rows = statement.executeQuery(
                    "SELECT version, success FROM " + HISTORY + " ORDER BY installed_rank DESC LIMIT 1")) {
                return rows.next() && SCHEMA_VERSION.equals(rows.getString(1)) && rows.getBoolean(2);
            }
        }
    }

    /** A connection whose settings were checked. */
    Connection connect() {
        Connection connection = null;
        try {
            connection = source.getConnection();
            connection.setAutoCommit(true);
            checkSettings(connection);
            return connection;
        } catch (SQLException e) {
            close(connection);
            throw unreachable(e);
        } catch (LedgerException e) {
            close(connection);
            throw e;
        }
    }

    long partitionRevisions() {
        return partitionRevisions;
    }

    /** Makes the partition of a revision and the one after it. */
    void ensurePartitions(Connection connection, long revision) throws SQLException {
        long first = revision / partitionRevisions;
        try (Statement statement = connection.createStatement()) {
            for (long number = first; number <= first + 1; number++) {
                statement.execute("CREATE TABLE IF NOT EXISTS page_p" + number + " PARTITION OF page FOR VALUES FROM ("
                        + number * partitionRevisions + ") TO (" + (number + 1) * partitionRevisions + ")");
            }
        }
    }

    private void checkSettings(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET statement_timeout = '" + ANSWER_SECONDS + "s'");
            statement.execute("SET synchronous_commit = on");
            for (String setting : new String[] {"fsync", "full_page_writes"}) {
                try (ResultSet rows = statement.executeQuery("SHOW " + setting)) {
                    rows.next();
                    if (!rows.getString(1).equals("on")) {
                        throw new LedgerException(
                                Kind.UNSAFE,
                                setting + " (" + rows.getString(1) + ") of PostgreSQL must be on: without it an"
                                        + " acknowledged job may be lost");
                    }
                }
            }
            if (durability == Durability.REPLICATED) {
                checkStandby(statement);
            }
        }
    }

    private static void checkStandby(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery(
                "SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')")) {
            rows.next();
            if (rows.getInt(1) == 0) {
                throw new LedgerException(
                        Kind.UNSAFE,
                        "durability is replicated and PostgreSQL has no synchronous standby. Maybe set"
                                + " synchronous_standby_names?");
            }
        }
    }

    static LedgerException unreachable(SQLException e) {
        return new LedgerException(Kind.UNREACHABLE, "PostgreSQL can't be reached: " + e.getMessage(), e);
    }

    static void close(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // It is being thrown away because it is of no use.
                return;
            }
        }
    }
}
