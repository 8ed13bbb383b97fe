package dev.interposer.ledger.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The certificate authorities that all servers on one database share, whichever of them leads. */
public final class JdbcAuthorities {
    private static final String ALL = "SELECT number, certificate, private_key FROM authority ORDER BY number";

    /** Of several servers that start at once one makes the authority, and the others find it. */
    private static final String ADD =
            "INSERT INTO authority (number, certificate, private_key) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

    private final LedgerDatabase database;

    public JdbcAuthorities(LedgerDatabase database) {
        this.database = database;
    }

    /** In the order of their numbers. */
    public List<StoredAuthority> all() {
        List<StoredAuthority> found = new ArrayList<>();
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(ALL);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(new StoredAuthority(rows.getInt(1), rows.getString(2), rows.getString(3)));
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
}
