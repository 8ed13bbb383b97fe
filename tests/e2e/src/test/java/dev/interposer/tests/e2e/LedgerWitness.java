package dev.interposer.tests.e2e;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interposer.proto.ledger.v1.Event;
import dev.interposer.proto.ledger.v1.StoredEntry;
import dev.interposer.proto.ledger.v1.StoredPage;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;

/**
 * Reads the ledger by SQL and by protobuf's own classes, and checks the chain of its pages. Shares no code with what
 * wrote it.
 */
final class LedgerWitness {
    private static final String PAGES = """
            SELECT first_revision, last_revision, epoch, at_micros, previous_digest, frame FROM page
            ORDER BY first_revision""";

    private final LedgerFacts facts = new LedgerFacts();
    private byte[] digest = new byte[0];
    private long revision;
    private long epoch;
    private long atMicros;

    private LedgerWitness() {}

    static LedgerFacts read(int port) throws SQLException {
        LedgerWitness witness = new LedgerWitness();
        try (Connection connection = DriverManager.getConnection(OwnPostgres.url(port), "postgres", "postgres");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(PAGES)) {
            while (rows.next()) {
                witness.page(rows);
            }
        }
        return witness.facts;
    }

    private void page(ResultSet row) throws SQLException {
        long first = row.getLong(1);
        byte[] frame = row.getBytes(6);
        expect(first == revision + 1, "page " + first + " comes after revision " + revision);
        expect(row.getLong(3) >= epoch, "page " + first + " is of epoch " + row.getLong(3) + " after " + epoch);
        expect(row.getLong(4) > atMicros, "page " + first + " is not later than the one before");
        expect(Arrays.equals(row.getBytes(5), digest), "page " + first + " bears another digest of the page before");
        StoredPage page;
        try {
            page = StoredPage.parseFrom(frame);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("page " + first + " can't be read", e);
        }
        expect(
                page.getFirstRevision() == first
                        && page.getEpoch() == row.getLong(3)
                        && first + page.getEntriesCount() - 1 == row.getLong(2),
                "page " + first + " says otherwise than its row");
        long at = first;
        for (StoredEntry entry : page.getEntriesList()) {
            facts.take(at++, event(entry));
        }
        revision = row.getLong(2);
        epoch = row.getLong(3);
        atMicros = row.getLong(4);
        MessageDigest sha256 = sha256();
        sha256.update(digest);
        digest = sha256.digest(frame);
    }

    private static Event event(StoredEntry entry) {
        return entry.getEvent();
    }

    private void expect(boolean condition, String violation) {
        if (!condition) {
            facts.violation(violation);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
