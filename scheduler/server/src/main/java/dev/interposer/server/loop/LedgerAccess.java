package dev.interposer.server.loop;

import dev.interposer.control.port.LedgerException;
import dev.interposer.ledger.codec.Digests;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.ledger.codec.PageCodec;
import dev.interposer.ledger.embedded.EmbeddedDatabase;
import dev.interposer.ledger.jdbc.Durability;
import dev.interposer.ledger.jdbc.JdbcLeaseStore;
import dev.interposer.ledger.jdbc.JdbcLedger;
import dev.interposer.ledger.jdbc.LedgerDatabase;
import dev.interposer.server.config.ServerConfig;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.Locale;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** Opens the database that the settings name, or an embedded one, and waits for it for as long as they say. */
@ApplicationScoped
public class LedgerAccess {
    private final ServerConfig config;
    private final String version;
    private final EventCodec events = new EventCodec();
    private @Nullable EmbeddedDatabase embedded;

    public LedgerAccess(ServerConfig config, @ConfigProperty(name = "quarkus.application.version") String version) {
        this.config = config;
        this.version = version;
    }

    /** What the loop needs of the database. */
    public record Opened(JdbcLedger ledger, JdbcLeaseStore lease) {}

    /** Blocks until the database answers; throws when patience is at an end. */
    public Opened open() {
        LedgerDatabase database = database();
        long deadline = System.nanoTime() + config.ledger().patience().toNanos();
        while (true) {
            try {
                database.migrate();
                return new Opened(
                        new JdbcLedger(database, new PageCodec(events), version), new JdbcLeaseStore(database));
            } catch (LedgerException e) {
                if (e.kind() != LedgerException.Kind.UNREACHABLE || System.nanoTime() > deadline) {
                    throw e;
                }
                Log.warnf("%s; trying again", e.getMessage());
                sleep();
            }
        }
    }

    public Digests digests() {
        return new Digests(events);
    }

    /** Starts the embedded database again if there is one and it has died. */
    public void revive() {
        if (embedded == null) {
            return;
        }
        try {
            if (embedded.revive()) {
                Log.warn("the embedded PostgreSQL had died and was started again");
            }
        } catch (IOException | RuntimeException e) {
            throw new LedgerException(
                    LedgerException.Kind.UNREACHABLE,
                    "the embedded PostgreSQL did not start again: " + e.getMessage(),
                    e);
        }
    }

    /** Stops the embedded database, if there is one. */
    public void close() {
        if (embedded != null) {
            try {
                embedded.close();
            } catch (IOException e) {
                Log.warn("the embedded PostgreSQL did not stop", e);
            }
        }
    }

    private LedgerDatabase database() {
        Durability durability = Durability.valueOf(config.ledger().durability().toUpperCase(Locale.ROOT));
        if (config.ledger().jdbcUrl().isPresent()) {
            return new LedgerDatabase(
                    config.ledger().jdbcUrl().get(),
                    config.ledger().user(),
                    config.ledger().password().orElse(""),
                    durability);
        }
        try {
            EmbeddedDatabase started = EmbeddedDatabase.start(config.home().resolve("postgres"));
            embedded = started;
            Log.infof("PostgreSQL is %s at %s", started.adopted() ? "running already" : "embedded", started.jdbcUrl());
            return new LedgerDatabase(started.jdbcUrl(), started.user(), started.password(), durability);
        } catch (IOException e) {
            throw new LedgerException(
                    LedgerException.Kind.UNREACHABLE, "the embedded PostgreSQL did not start: " + e.getMessage(), e);
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LedgerException(LedgerException.Kind.UNREACHABLE, "interrupted while waiting for PostgreSQL", e);
        }
    }
}
