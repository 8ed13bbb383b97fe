package dev.interposer.ledger.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The certificates of agents that were given, and which of them are refused. */
public final class JdbcCertificates {
    private static final String INSERT = "INSERT INTO agent_certificate"
            + " (serial, authority, key_digest, nodes, expires_at, token) VALUES (?, ?, decode(?, 'hex'), ?, ?, ?)";

    private static final String RENEW = "INSERT INTO agent_certificate"
            + " (serial, authority, key_digest, nodes, expires_at, token)"
            + " SELECT ?, ?, decode(?, 'hex'), ?, ?, token FROM agent_certificate"
            + " WHERE serial = ? AND revoked_at IS NULL FOR SHARE";

    /** Of a certificate that is in no row: it was given after the backup that this database was restored from. */
    private static final String RENEW_UNRECORDED = "INSERT INTO agent_certificate"
            + " (serial, authority, key_digest, nodes, expires_at, token)"
            + " SELECT ?, ?, decode(?, 'hex'), ?, ?, ''"
            + " WHERE NOT EXISTS (SELECT FROM agent_certificate WHERE serial = ?)";

    /** Whoever renews at the same moment is either done, and then found, or finds the old one revoked. */
    private static final String LOCK = "LOCK TABLE agent_certificate IN SHARE ROW EXCLUSIVE MODE";

    private static final String REVOKE =
            "UPDATE agent_certificate SET revoked_at = now() WHERE revoked_at IS NULL AND expires_at > now() AND ";

    private static final String REVOKED =
            "SELECT serial FROM agent_certificate WHERE revoked_at IS NOT NULL AND expires_at > now()";

    private static final String COUNT = "SELECT authority, count(*) FROM agent_certificate"
            + " WHERE revoked_at IS NULL AND expires_at > now() GROUP BY authority";

    private static final String FORGET =
            "DELETE FROM agent_certificate WHERE expires_at < now() - ? * interval '1 second'";

    private final LedgerDatabase database;

    public JdbcCertificates(LedgerDatabase database) {
        this.database = database;
    }

    /**
     * Keeps the successor of a certificate that is otherwise good; false when that is revoked. One that no row speaks
     * of is good as well: to refuse those would put out a whole fleet within a day after a restored backup.
     */
    public boolean renew(String serial, StoredCertificate successor) {
        try (Connection connection = database.connect()) {
            return renew(connection, RENEW, serial, successor)
                    || renew(connection, RENEW_UNRECORDED, serial, successor);
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    private static boolean renew(Connection connection, String sql, String serial, StoredCertificate successor)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            fill(connection, statement, successor);
            statement.setString(6, serial);
            return statement.executeUpdate() > 0;
        }
    }

    /** Refuses what speaks for the node; how many certificates that are. */
    public int revokeNode(String node) {
        return revoke("? = ANY (nodes)", node);
    }

    /** Refuses what descends from the token. */
    public int revokeToken(String token) {
        return revoke("token = ?", token);
    }

    private int revoke(String which, String value) {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            try (Statement lock = connection.createStatement()) {
                lock.execute(LOCK);
            }
            int count;
            try (PreparedStatement statement = connection.prepareStatement(REVOKE + which)) {
                statement.setString(1, value);
                count = statement.executeUpdate();
            }
            connection.commit();
            return count;
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** Serials of those that are refused; what has expired needs no refusal. */
    public Set<String> revoked() {
        Set<String> found = new HashSet<>();
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(REVOKED);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** How many good ones each authority has given, by its number. */
    public Map<Integer, Integer> countByAuthority() {
        Map<Integer, Integer> counts = new HashMap<>();
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(COUNT);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                counts.put(rows.getInt(1), rows.getInt(2));
            }
            return counts;
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** Those that expired longer ago. */
    public void forget(Duration after) {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(FORGET)) {
            statement.setLong(1, after.toSeconds());
            statement.executeUpdate();
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    static void insert(Connection connection, StoredCertificate certificate, String token) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            fill(connection, statement, certificate);
            statement.setString(6, token);
            statement.executeUpdate();
        }
    }

    private static void fill(Connection connection, PreparedStatement statement, StoredCertificate certificate)
            throws SQLException {
        statement.setString(1, certificate.serial());
        statement.setInt(2, certificate.authority());
        statement.setString(3, certificate.keyDigest());
        statement.setArray(
                4, connection.createArrayOf("text", certificate.nodes().toArray()));
        statement.setObject(5, certificate.expiresAt().atOffset(ZoneOffset.UTC));
    }
}
