package dev.interposer.ledger.embedded;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL of our own with durable settings, a kept data folder and a password, on loopback.
 *
 * <p>It outlives a server that was killed; the next one finds it by its pid file and goes on with it. If it dies
 * itself, {@link #revive} starts it again. While its server lives no other gets it, and nobody but the owner can look
 * into its folder.
 */
public final class EmbeddedDatabase implements AutoCloseable {
    private static final String USER = "postgres";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final int port;
    private final String password;
    private final FolderLock lock;
    private @Nullable EmbeddedPostgres own;
    private @Nullable ProcessHandle adopted;

    private EmbeddedDatabase(Path folder, int port, String password, FolderLock lock) {
        this.folder = folder;
        this.port = port;
        this.password = password;
        this.lock = lock;
    }

    /**
     * Starts it, or goes on with the one that runs on this folder.
     *
     * @param folder kept between starts; made if absent
     */
    public static EmbeddedDatabase start(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        FolderLock lock = FolderLock.take(folder);
        try {
            return start(folder, lock);
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    private static EmbeddedDatabase start(Path folder, FolderLock lock) throws IOException {
        Path data = data(folder);
        String password = password(folder.resolve("password"));
        Optional<Running> running = running(data);
        if (running.isPresent()) {
            EmbeddedDatabase found = new EmbeddedDatabase(folder, running.get().port(), password, lock);
            found.adopted = running.get().process();
            return found;
        }
        if (!Files.exists(data.resolve("PG_VERSION")) || !Files.exists(folder.resolve("secured"))) {
            secure(folder, data, password);
        }
        EmbeddedDatabase made = new EmbeddedDatabase(folder, freePort(), password, lock);
        made.own = launch(folder, made.port, password);
        return made;
    }

    /**
     * Starts it again on its port if its process has ended.
     *
     * @return whether it had ended
     */
    public boolean revive() throws IOException {
        if (running(data(folder)).isPresent()) {
            return false;
        }
        if (own != null) {
            // Nothing is left to stop: this gives up the lock on the folder.
            own.close();
        }
        adopted = null;
        own = launch(folder, port, password);
        return true;
    }

    private static EmbeddedPostgres launch(Path folder, int port, String password) throws IOException {
        EmbeddedPostgres started = builder(folder, data(folder), port)
                .setConnectConfig("password", password)
                .start();
        // The library opens it to all when it unpacks, and whoever can write there runs what they like as us.
        Files.setPosixFilePermissions(binaries(folder), PosixFilePermissions.fromString("rwxr-xr-x"));
        return started;
    }

    private static Path binaries(Path folder) {
        return folder.resolve("binaries");
    }

    private static Path data(Path folder) {
        return folder.resolve("data");
    }

    public String jdbcUrl() {
        return "jdbc:postgresql://localhost:" + port + "/postgres";
    }

    public String user() {
        return USER;
    }

    public String password() {
        return password;
    }

    /** Whether it was running already and is now ours to stop. */
    public boolean adopted() {
        return adopted != null;
    }

    @Override
    public void close() throws IOException {
        if (own != null) {
            own.close();
        }
        if (adopted != null) {
            // SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for clients to leave.
            new ProcessBuilder(List.of("kill", "-INT", Long.toString(adopted.pid()))).start();
            adopted.onExit().orTimeout(20, TimeUnit.SECONDS).join();
        }
        lock.close();
    }

    /** First start: the superuser gets a password before anybody else could ask for a connection without one. */
    private static void secure(Path folder, Path data, String password) throws IOException {
        try (EmbeddedPostgres postgres = builder(folder, data, freePort()).start();
                Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            // Hexadecimal digits: nothing to quote.
            statement.execute("ALTER USER " + USER + " PASSWORD '" + password + "'");
        } catch (SQLException e) {
            throw new IOException("the embedded PostgreSQL did not take its password: " + e.getMessage(), e);
        }
        Files.writeString(data.resolve("pg_hba.conf"), """
                local all all scram-sha-256
                host all all 127.0.0.1/32 scram-sha-256
                host all all ::1/128 scram-sha-256
                """);
        Files.writeString(folder.resolve("secured"), "scram-sha-256\n");
    }

    private static EmbeddedPostgres.Builder builder(Path folder, Path data, int port) throws IOException {
        Path log = folder.resolve("postgres.log");
        Path binaries = Files.createDirectories(binaries(folder));
        return EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setOverrideWorkingDirectory(binaries.toFile())
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPort(port)
                .setPGStartupWait(PATIENCE)
                .setErrorRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("max_connections", "50")
                .setServerConfig("shared_buffers", "64MB")
                .setServerConfig("max_wal_size", "1GB");
    }

    /** The one that a killed server left behind: the first line of the pid file is the process, the fourth its port. */
    private static Optional<Running> running(Path data) throws IOException {
        Path file = data.resolve("postmaster.pid");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(file);
        if (lines.size() < 4) {
            return Optional.empty();
        }
        Optional<ProcessHandle> process =
                ProcessHandle.of(Long.parseLong(lines.get(0).strip())).filter(ProcessHandle::isAlive);
        boolean ours = process.flatMap(found -> found.info().command())
                .filter(command -> command.contains("postgres"))
                .isPresent();
        if (!ours) {
            return Optional.empty();
        }
        int port = Integer.parseInt(lines.get(3).strip());
        return Optional.of(new Running(port, process.get()));
    }

    private record Running(int port, ProcessHandle process) {}

    private static String password(Path file) throws IOException {
        if (!Files.exists(file)) {
            byte[] random = new byte[24];
            new SecureRandom().nextBytes(random);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, HexFormat.of().formatHex(random), StandardCharsets.UTF_8);
        }
        return Files.readString(file).strip();
    }

    /**
     * Below the ports that the system gives to outgoing connections: such a one could take it before PostgreSQL does,
     * which then is waited for in vain.
     */
    private static int freePort() throws IOException {
        for (int tries = 0; tries < 1000; tries++) {
            try (ServerSocket socket =
                    new ServerSocket(ThreadLocalRandom.current().nextInt(12_000, 32_000))) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // Somebody else's.
            }
        }
        throw new IOException("the embedded PostgreSQL finds no free port between 12000 and 32000");
    }
}
