package dev.interposer.ledger.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.ledger.jdbc.JdbcJoinTokens.NewToken;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** However many servers give out certificates at once, a token is used as often as it was made for. */
class JdbcJoinTokensTest {
    private static final String DIGEST = "ab".repeat(32);

    private final LedgerDatabase database = TestDatabase.open(TestDatabase.create());
    private final JdbcJoinTokens tokens = new JdbcJoinTokens(database);
    private final JdbcCertificates certificates = new JdbcCertificates(database);

    private void make(String id, int uses) {
        tokens.add(new NewToken(id, DIGEST, "lab/*", uses, "ada"), Duration.ofHours(1));
    }

    private static StoredCertificate certificate(String serial, int key) {
        return new StoredCertificate(
                serial,
                1,
                "%064x".formatted(key),
                List.of("lab/" + key),
                Instant.now().plusSeconds(3600));
    }

    private StoredToken found(String id) {
        return Objects.requireNonNull(tokens.find(id, DIGEST));
    }

    private void sql(String statement) throws SQLException {
        try (Connection connection = database.connect();
                Statement run = connection.createStatement()) {
            run.execute(statement);
        }
    }

    @Test
    void serversThatRaceForTheLastUsesGiveNoMoreThanThereAre() throws Exception {
        make("race", 3);
        int racers = 8;
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Boolean>> given = new ArrayList<>();
        try (ExecutorService servers = Executors.newFixedThreadPool(racers)) {
            for (int racer = 0; racer < racers; racer++) {
                int number = racer;
                Callable<Boolean> join = () -> {
                    start.await();
                    return tokens.use("race", certificate("s" + number, number));
                };
                given.add(servers.submit(join));
            }
            start.countDown();
            servers.shutdown();
            assertThat(servers.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(given.stream().filter(Future::resultNow)).hasSize(3);
        assertThat(found("race").used()).isEqualTo(3);
        assertThat(found("race").state()).isEqualTo(StoredToken.State.USED_UP);
    }

    @Test
    void whoAsksAgainWithTheSameKeyUsesNothingUpAndWhoHasAnotherDoes() {
        make("again", 1);

        assertThat(tokens.use("again", certificate("first", 7))).isTrue();
        assertThat(tokens.use("again", certificate("answer-was-lost", 7))).isTrue();
        assertThat(tokens.use("again", certificate("other", 8))).isFalse();
        assertThat(found("again").used()).isEqualTo(1);
    }

    @Test
    void aTokenThatEndedOrWasRevokedLetsNobodyInAndSaysWhich() throws Exception {
        make("ended", 1);
        make("revoked", 1);
        sql("UPDATE join_token SET expires_at = now() - interval '1 second' WHERE id = 'ended'");
        assertThat(tokens.revoke("revoked")).isTrue();
        assertThat(tokens.revoke("nobody's")).isFalse();

        assertThat(tokens.use("ended", certificate("a", 1))).isFalse();
        assertThat(tokens.use("revoked", certificate("b", 2))).isFalse();
        assertThat(found("ended").state()).isEqualTo(StoredToken.State.EXPIRED);
        assertThat(found("revoked").state()).isEqualTo(StoredToken.State.REVOKED);
        assertThat(tokens.find("ended", "cd".repeat(32))).isNull();
        assertThat(tokens.all()).hasSize(2).noneMatch(token -> token.toString().contains(DIGEST));
    }

    /** A restored backup knows nothing of it; from then on it is known again, and can be revoked. */
    @Test
    void aCertificateOfAfterTheBackupIsRenewedAndRecorded() {
        assertThat(certificates.renew("of-after-the-backup", certificate("successor", 3)))
                .isTrue();
        assertThat(certificates.revokeNode("lab/3")).isEqualTo(1);
        assertThat(certificates.revoked()).containsExactly("successor");
        assertThat(certificates.renew("successor", certificate("next", 3))).isFalse();
    }

    @Test
    void aRevokedCertificateIsNotRenewedAndWhatDescendsFromOneOfTheSameTokenIsFound() {
        make("family", 2);
        tokens.use("family", certificate("parent", 1));
        tokens.use("family", certificate("other", 2));
        assertThat(certificates.renew("parent", certificate("child", 1))).isTrue();

        assertThat(certificates.revokeNode("lab/1")).isEqualTo(2);
        assertThat(certificates.renew("child", certificate("grandchild", 1))).isFalse();
        assertThat(certificates.renew("other", certificate("younger", 2))).isTrue();
        assertThat(certificates.revoked()).containsExactlyInAnyOrder("parent", "child");

        assertThat(certificates.revokeToken("family")).isEqualTo(2);
        assertThat(certificates.revoked()).containsExactlyInAnyOrder("parent", "child", "other", "younger");
    }

    /** The lock is what this is about: without it a renewal that is under way would slip through. */
    @Test
    void aRevocationWaitsForARenewalThatIsUnderWayAndFindsIt() throws Exception {
        make("slow", 1);
        tokens.use("slow", certificate("old", 1));
        try (Connection renewing = database.connect();
                ExecutorService operator = Executors.newSingleThreadExecutor()) {
            renewing.setAutoCommit(false);
            JdbcCertificates.insert(renewing, certificate("new", 1), "slow");
            Future<Integer> revoked = operator.submit(() -> certificates.revokeNode("lab/1"));
            Thread.sleep(500);
            assertThat(revoked.isDone()).isFalse();
            renewing.commit();

            assertThat(revoked.get(20, TimeUnit.SECONDS)).isEqualTo(2);
        }
        assertThat(certificates.revoked()).containsExactlyInAnyOrder("old", "new");
    }
}
