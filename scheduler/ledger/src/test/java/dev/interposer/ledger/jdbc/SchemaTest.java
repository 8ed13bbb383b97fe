package dev.interposer.ledger.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** When the schema is as this version wants it is asked without Flyway; both must agree. */
class SchemaTest {
    private final LedgerDatabase database =
            new LedgerDatabase(TestDatabase.create(), TestDatabase.user(), TestDatabase.password(), Durability.LOCAL);

    @Test
    void itIsUpToDateAfterTheNewestMigrationAndNotBefore() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            assertThat(LedgerDatabase.upToDate(connection)).isFalse();

            database.migrate();
            assertThat(LedgerDatabase.upToDate(connection)).isTrue();
            database.migrate();

            String newest = " WHERE installed_rank = (SELECT max(installed_rank) FROM flyway_schema_history)";
            statement.execute("UPDATE flyway_schema_history SET success = false" + newest);
            assertThat(LedgerDatabase.upToDate(connection)).isFalse();
            statement.execute("DELETE FROM flyway_schema_history" + newest);
            assertThat(LedgerDatabase.upToDate(connection)).isFalse();
        }
    }
}
