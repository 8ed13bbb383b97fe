package dev.interposer.ledger.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Join tokens, of which all servers on one database together give no more uses than were asked for. */
public final class JdbcJoinTokens {
    private static final String ADD = "INSERT INTO join_token (id, digest, node_pattern, uses, made_by, expires_at)"
            + " VALUES (?, decode(?, 'hex'), ?, ?, ?, now() + ? * interval '1 second')";

    private static final String SELECT =
            "SELECT id, node_pattern, uses, used, made_by, made_at, expires_at, revoked_at,"
                    + " CASE WHEN revoked_at IS NOT NULL THEN 'REVOKED' WHEN expires_at <= now() THEN 'EXPIRED'"
                    + " WHEN used >= uses THEN 'USED_UP' ELSE 'USABLE' END FROM join_token";

    private static final String OF_KEY = "EXISTS (SELECT FROM agent_certificate c WHERE c.token = join_token.id"
            + " AND c.key_digest = decode(?, 'hex') AND c.nodes = ? AND c.revoked_at IS NULL)";

    /**
     * One statement, so that the row's lock decides between servers that race for the last use. A key that has a
     * certificate by this token asks again because the answer was lost.
     */
    private static final String USE = "UPDATE join_token SET used = used + CASE WHEN " + OF_KEY + " THEN 0 ELSE 1 END"
            + " WHERE id = ? AND revoked_at IS NULL AND expires_at > now() AND (used < uses OR " + OF_KEY + ")";

    private static final String REVOKE = "UPDATE join_token SET revoked_at = coalesce(revoked_at, now()) WHERE id = ?";

    private static final String FORGET = "DELETE FROM join_token WHERE expires_at < now() - ? * interval '1 second'";

    private final LedgerDatabase database;

    public JdbcJoinTokens(LedgerDatabase database) {
        this.database = database;
    }

    /**
     * A token to be kept.
     *
     * @param digest SHA-256 of the secret, in hexadecimal digits
     */
    public record NewToken(String id, String digest, String nodePattern, int uses, String madeBy) {}

    public void add(NewToken token, Duration life) {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(ADD)) {
            statement.setString(1, token.id());
            statement.setString(2, token.digest());
            statement.setString(3, token.nodePattern());
            statement.setInt(4, token.uses());
            statement.setString(5, token.madeBy());
            statement.setLong(6, life.toSeconds());
            statement.executeUpdate();
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** The last made first. */
    public List<StoredToken> all() {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(SELECT + " ORDER BY made_at DESC, id")) {
            return read(statement);
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** Null when there is no such token, or its secret is another. */
    public @Nullable StoredToken find(String id, String digest) {
        try (Connection connection = database.connect();
                PreparedStatement statement =
                        connection.prepareStatement(SELECT + " WHERE id = ? AND digest = decode(?, 'hex')")) {
            statement.setString(1, id);
            statement.setString(2, digest);
            List<StoredToken> found = read(statement);
            return found.isEmpty() ? null : found.getFirst();
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** Uses the token for that certificate and keeps the latter, both or neither; false when it is not usable. */
    public boolean use(String id, StoredCertificate certificate) {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement(USE)) {
                java.sql.Array nodes =
                        connection.createArrayOf("text", certificate.nodes().toArray());
                statement.setString(1, certificate.keyDigest());
                statement.setArray(2, nodes);
                statement.setString(3, id);
                statement.setString(4, certificate.keyDigest());
                statement.setArray(5, nodes);
                if (statement.executeUpdate() == 0) {
                    connection.rollback();
                    return false;
                }
            }
            JdbcCertificates.insert(connection, certificate, id);
            connection.commit();
            return true;
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** False when there is no such token. */
    public boolean revoke(String id) {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(REVOKE)) {
            statement.setString(1, id);
            return statement.executeUpdate() > 0;
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** Those that ended longer ago. */
    public void forget(Duration after) {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(FORGET)) {
            statement.setLong(1, after.toSeconds());
            statement.executeUpdate();
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    private static List<StoredToken> read(PreparedStatement statement) throws SQLException {
        List<StoredToken> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                OffsetDateTime revokedAt = rows.getObject(8, OffsetDateTime.class);
                found.add(new StoredToken(
                        rows.getString(1),
                        rows.getString(2),
                        rows.getInt(3),
                        rows.getInt(4),
                        rows.getString(5),
                        instant(rows, 6),
                        instant(rows, 7),
                        revokedAt == null ? null : revokedAt.toInstant(),
                        StoredToken.State.valueOf(rows.getString(9))));
            }
        }
        return found;
    }

    private static Instant instant(ResultSet rows, int column) throws SQLException {
        return rows.getObject(column, OffsetDateTime.class).toInstant();
    }
}
