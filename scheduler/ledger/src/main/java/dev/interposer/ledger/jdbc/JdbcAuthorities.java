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

/** The certificate authorities that all servers on one database share, whichever of them leads. */
public final class JdbcAuthorities {
    private static final String ALL = "SELECT number, certificate, private_key, signs_from, signs_from <= now()"
            + " FROM authority ORDER BY number";

    /** Of several servers that start at once one makes the authority, and the others find it. */
    private static final String ADD =
            "INSERT INTO authority (number, certificate, private_key) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

    /**
     * Until it signs, all certificates of agents run out whose owners may not have heard of it. One successor at a
     * time; of two operators the second finds the number taken.
     */
    private static final String SUCCEED = "INSERT INTO authority (number, certificate, private_key, signs_from)"
            + " SELECT ?, ?, ?, greatest(now() + ? * interval '1 millisecond',"
            + " (SELECT max(expires_at) FROM agent_certificate WHERE revoked_at IS NULL))"
            + " WHERE NOT EXISTS (SELECT FROM authority WHERE signs_from > now()) ON CONFLICT DO NOTHING";

    /** Some server may have read a moment before the change who signs, and keep what it signed a moment later. */
    private static final String RETIRE = "DELETE FROM authority old WHERE EXISTS (SELECT FROM authority next"
            + " WHERE next.number > old.number AND next.signs_from < now() - ? * interval '1 millisecond')"
            + " AND NOT EXISTS (SELECT FROM agent_certificate given"
            + " WHERE given.authority = old.number AND given.expires_at > now())";

    private final LedgerDatabase database;

    public JdbcAuthorities(LedgerDatabase database) {
        this.database = database;
    }

    /**
     * An authority and its time.
     *
     * @param signsFrom from then on it signs, until a later one does
     * @param begun whether that time has come, by the database's clock, which is one for all servers
     */
    public record Listed(StoredAuthority authority, Instant signsFrom, boolean begun) {}

    /** In the order of their numbers: of those that have begun the last signs. */
    public List<Listed> all() {
        List<Listed> found = new ArrayList<>();
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(ALL);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(new Listed(
                        new StoredAuthority(rows.getInt(1), rows.getString(2), rows.getString(3)),
                        rows.getObject(4, OffsetDateTime.class).toInstant(),
                        rows.getBoolean(5)));
            }
            return found;
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** Does nothing when there is one of that number already. */
    public void addIfAbsent(StoredAuthority authority) {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(ADD)) {
            statement.setInt(1, authority.number());
            statement.setString(2, authority.certificate());
            statement.setString(3, authority.privateKey());
            statement.executeUpdate();
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** Keeps an authority that is trusted at once and signs after so long; false when another is on its way. */
    public boolean succeed(StoredAuthority successor, Duration after) {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(SUCCEED)) {
            statement.setInt(1, successor.number());
            statement.setString(2, successor.certificate());
            statement.setString(3, successor.privateKey());
            statement.setLong(4, after.toMillis());
            return statement.executeUpdate() > 0;
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }

    /** Removes those that sign no more, a successor having done so for so long, and of whom nothing is good. */
    public int retire(Duration grace) {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(RETIRE)) {
            statement.setLong(1, grace.toMillis());
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw LedgerDatabase.unreachable(e);
        }
    }
}
