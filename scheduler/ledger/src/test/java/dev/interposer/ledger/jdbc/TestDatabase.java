package dev.interposer.ledger.jdbc;

import dev.interposer.ledger.embedded.EmbeddedDatabase;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.testcontainers.containers.GenericContainer;

/**
 * A PostgreSQL for tests: the one that {@code INTERPOSER_TEST_JDBC_URL} names, else a container of the image that
 * {@code INTERPOSER_TEST_POSTGRES_IMAGE} names, else an embedded one, started once a JVM. Each test gets a database
 * of its own in it.
 */
public final class TestDatabase {
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final TestDatabase INSTANCE = new TestDatabase();

    private final String url;
    private final String user;
    private final String password;

    private TestDatabase() {
        String given = System.getenv("INTERPOSER_TEST_JDBC_URL");
        String which;
        if (given != null) {
            url = given;
            user = System.getenv().getOrDefault("INTERPOSER_TEST_JDBC_USER", "postgres");
            password = System.getenv().getOrDefault("INTERPOSER_TEST_JDBC_PASSWORD", "");
            which = "given";
        } else if (ContainerPostgres.IMAGE != null) {
            int port = freePort();
            GenericContainer<?> container = ContainerPostgres.start(ContainerPostgres.IMAGE, port);
            Runtime.getRuntime().addShutdownHook(new Thread(container::stop));
            url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
            user = "postgres";
            password = "";
            which = "container of " + ContainerPostgres.IMAGE;
        } else {
            which = "embedded";
            try {
                Path folder = Files.createTempDirectory("interposer-test-postgres");
                EmbeddedDatabase embedded = EmbeddedDatabase.start(folder);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(embedded)));
                url = embedded.jdbcUrl();
                user = embedded.user();
                password = embedded.password();
            } catch (IOException e) {
                throw new IllegalStateException("no PostgreSQL for tests", e);
            }
        }
        System.out.println("tests use PostgreSQL: " + which + ", " + url);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException("no free port", e);
        }
    }

    /** A new, empty database; its JDBC URL. */
    public static String create() {
        String name = "test_" + ProcessHandle.current().pid() + "_" + COUNTER.incrementAndGet();
        try (Connection connection = DriverManager.getConnection(INSTANCE.url, INSTANCE.user, INSTANCE.password);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException("no database for a test", e);
        }
        return INSTANCE.url.replaceAll("/[^/]*$", "/" + name);
    }

    public static String user() {
        return INSTANCE.user;
    }

    public static String password() {
        return INSTANCE.password;
    }

    /** The database behind a URL, its schema brought up to date. */
    public static LedgerDatabase open(String jdbcUrl) {
        LedgerDatabase database = new LedgerDatabase(jdbcUrl, user(), password(), Durability.LOCAL);
        database.migrate();
        return database;
    }

    private static void stop(EmbeddedDatabase embedded) {
        try {
            embedded.close();
        } catch (IOException e) {
            System.err.println("the embedded PostgreSQL of the tests did not stop: " + e.getMessage());
        }
    }
}
