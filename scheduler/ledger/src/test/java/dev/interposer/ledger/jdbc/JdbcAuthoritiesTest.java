package dev.interposer.ledger.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Servers that share a database share who signs. */
class JdbcAuthoritiesTest {
    private static JdbcAuthorities server(String url) {
        LedgerDatabase database =
                new LedgerDatabase(url, TestDatabase.user(), TestDatabase.password(), Durability.LOCAL);
        database.migrate();
        return new JdbcAuthorities(database);
    }

    @Test
    void theFirstServersAuthorityStaysWhenAnotherStartsAtTheSameTime() {
        String url = TestDatabase.create();
        JdbcAuthorities first = server(url);
        JdbcAuthorities second = server(url);
        assertThat(first.all()).isEmpty();
        assertThat(second.all()).isEmpty();

        StoredAuthority made = new StoredAuthority(1, "certificate of the first", "key of the first");
        first.addIfAbsent(made);
        second.addIfAbsent(new StoredAuthority(1, "certificate of the second", "key of the second"));

        assertThat(first.all()).extracting(JdbcAuthorities.Listed::authority).containsExactly(made);
        assertThat(second.all()).extracting(JdbcAuthorities.Listed::authority).containsExactly(made);
        assertThat(made.toString()).doesNotContain("key of");
    }

    private static StoredAuthority number(int number) {
        return new StoredAuthority(number, "certificate " + number, "key " + number);
    }

    @Test
    void aSuccessorWaitsForTheLastCertificateThatMayNotKnowItAndIsOneAtATime() {
        String url = TestDatabase.create();
        JdbcAuthorities authorities = server(url);
        LedgerDatabase database = TestDatabase.open(url);
        authorities.addIfAbsent(number(1));
        Instant longest = Instant.now().plusSeconds(7200).truncatedTo(ChronoUnit.SECONDS);
        new JdbcJoinTokens(database)
                .add(new JdbcJoinTokens.NewToken("token", "ab".repeat(32), "", 1, "ada"), Duration.ofHours(1));
        StoredCertificate given = new StoredCertificate("serial", 1, "cd".repeat(32), List.of("lab/a"), longest);
        assertThat(new JdbcJoinTokens(database).use("token", given)).isTrue();

        assertThat(authorities.succeed(number(2), Duration.ofHours(1))).isTrue();
        assertThat(authorities.succeed(number(2), Duration.ofHours(1))).isFalse();
        assertThat(authorities.succeed(number(3), Duration.ofHours(1))).isFalse();

        JdbcAuthorities.Listed successor = authorities.all().getLast();
        assertThat(successor.authority()).isEqualTo(number(2));
        assertThat(successor.begun()).isFalse();
        assertThat(successor.signsFrom()).isEqualTo(longest);
    }

    @Test
    void theOldOneLeavesWhenNothingThatItSignedIsGoodAndNotBefore() throws SQLException {
        String url = TestDatabase.create();
        JdbcAuthorities authorities = server(url);
        LedgerDatabase database = TestDatabase.open(url);
        authorities.addIfAbsent(number(1));
        assertThat(authorities.retire(Duration.ZERO)).isZero();
        assertThat(authorities.succeed(number(2), Duration.ofHours(1))).isTrue();
        assertThat(authorities.retire(Duration.ZERO)).as("it signs still").isZero();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE authority SET signs_from = now() - interval '1 hour' WHERE number = 2");
            statement.execute("INSERT INTO agent_certificate (serial, authority, token, key_digest, nodes, expires_at)"
                    + " VALUES ('s', 1, 't', '', '{}', now() + interval '1 hour')");
            assertThat(authorities.retire(Duration.ofHours(2))).as("just now").isZero();
            assertThat(authorities.retire(Duration.ZERO)).as("one is good").isZero();

            statement.execute("UPDATE agent_certificate SET expires_at = now()");
            assertThat(authorities.retire(Duration.ZERO)).isEqualTo(1);
        }
        assertThat(authorities.all())
                .extracting(JdbcAuthorities.Listed::authority)
                .containsExactly(number(2));
    }
}
