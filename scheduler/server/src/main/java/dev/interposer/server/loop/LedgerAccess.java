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
    private volatile @Nullable LedgerDatabase opened;
    private volatile boolean ending;

    public LedgerAccess(ServerConfig config, @ConfigProperty(name = "quarkus.application.version") String version) {
        this.config = config;
        this.version = version;
    }

    /** What the loop needs of the database. */
    public record Opened(JdbcLedger ledger, JdbcLeaseStore lease) {}

    /** Blocks until the database answers; throws when patience is at an end. */
    public Opened open() {
        LedgerDatabase database = connect();
        patiently(database::migrate);
        opened = database;
        return new Opened(new JdbcLedger(database, new PageCodec(events), version), new JdbcLeaseStore(database));
    }

    /** For those who read the ledger on connections of their own; throws until it is open. */
    public LedgerDatabase database() {
        LedgerDatabase database = opened;
        if (database == null) {
            throw new LedgerException(LedgerException.Kind.UNREACHABLE, "the ledger is not open yet");
        }
        return database;
    }

    public EventCodec events() {
        return events;
    }

    public String engineVersion() {
        return version;
    }

    /**
     * Does it, again and again while the database is away; throws when patience is at an end, or when the process is
     * told to end, for which nothing else listens while it starts.
     */
    void patiently(Runnable what) {
        Thread toldToEnd = new Thread(() -> ending = true, "told-to-end");
        Runtime.getRuntime().addShutdownHook(toldToEnd);
        tryUntilPatienceEnds(what);
        if (!ending) {
            Runtime.getRuntime().removeShutdownHook(toldToEnd);
        }
    }

    private void tryUntilPatienceEnds(Runnable what) {
        long deadline = System.nanoTime() + config.ledger().patience().toNanos();
        while (true) {
            try {
                what.run();
                return;
            } catch (LedgerException e) {
                if (e.kind() != LedgerException.Kind.UNREACHABLE || System.nanoTime() > deadline || ending) {
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

    private LedgerDatabase connect() {
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
