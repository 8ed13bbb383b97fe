package dev.interposer.ledger.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

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

        assertThat(first.all()).isEqualTo(List.of(made));
        assertThat(second.all()).isEqualTo(List.of(made));
        assertThat(made.toString()).doesNotContain("key of");
    }
}
