package dev.interposer.tests.e2e;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL that belongs to the scenario and to no server, so that it can die and come back by itself: of the
 * embedded binaries, or in a container.
 */
final class OwnPostgres implements AutoCloseable {
    private final Path folder;
    private final int port;
    private final @Nullable ContainerPostgres container;
    private @Nullable EmbeddedPostgres running;

    OwnPostgres(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.port = Ports.free();
        String image = ContainerPostgres.IMAGE;
        System.out.println("the scenario uses PostgreSQL: " + (image == null ? "embedded" : "container of " + image));
        if (image == null) {
            container = null;
            start();
        } else {
            container = new ContainerPostgres(image, folder, port);
        }
    }

    int port() {
        return port;
    }

    Path data() {
        return folder.resolve(container == null ? "data" : "pg");
    }

    static String url(int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    /** As a machine that loses its power: no process gets to say anything. */
    void kill() throws IOException {
        if (container != null) {
            container.kill();
            return;
        }
        List<ProcessHandle> processes = processes();
        processes.forEach(ProcessHandle::destroyForcibly);
        processes.forEach(
                process -> process.onExit().orTimeout(20, TimeUnit.SECONDS).join());
    }

    void stopForAWhile() throws IOException, InterruptedException {
        if (container != null) {
            container.pause();
        } else {
            signal("STOP");
        }
    }

    void goOn() throws IOException, InterruptedException {
        if (container != null) {
            container.unpause();
        } else {
            signal("CONT");
        }
    }

    private void signal(String name) throws IOException, InterruptedException {
        for (ProcessHandle process : processes()) {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        }
    }

    /** Ends it in good order, at once for its clients. */
    void stop() throws IOException {
        if (container != null) {
            container.stop();
            return;
        }
        if (running != null) {
            running.close();
            running = null;
        }
    }

    /** Also after it was killed. */
    void start() throws IOException {
        if (container != null) {
            container.start();
            return;
        }
        if (running != null) {
            // Nothing is left to stop: this gives up the lock on the folder.
            running.close();
        }
        Path log = folder.resolve("postgres.log");
        running = EmbeddedPostgres.builder()
                .setDataDirectory(data())
                .setOverrideWorkingDirectory(
                        Files.createDirectories(folder.resolve("binaries")).toFile())
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPort(port)
                .setErrorRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("max_connections", "50")
                .start();
    }

    /** A copy of its folder, made while it is stopped for a moment. */
    Path backUp() throws IOException {
        stop();
        Path copy = folder.resolve("backup");
        copy(data(), copy);
        start();
        return copy;
    }

    /** Comes back as the copy; it must not be running. */
    void restore(Path copy) throws IOException {
        if (running != null) {
            running.close();
            running = null;
        }
        delete(data());
        copy(copy, data());
        start();
    }

    private static void copy(Path from, Path to) throws IOException {
        run("cp", "-a", from.toString(), to.toString());
    }

    private static void delete(Path old) throws IOException {
        run("rm", "-rf", old.toString());
    }

    private static void run(String... command) throws IOException {
        try {
            int code = new ProcessBuilder(command).inheritIO().start().waitFor();
            if (code != 0) {
                throw new IOException(String.join(" ", command) + " ended with " + code);
            }
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }

    private List<ProcessHandle> processes() throws IOException {
        Path file = data().resolve("postmaster.pid");
        long pid = Long.parseLong(Files.readAllLines(file).getFirst().strip());
        return ProcessHandle.of(pid)
                .map(postmaster -> Stream.concat(Stream.of(postmaster), postmaster.descendants())
                        .toList())
                .orElse(List.of());
    }

    /** Waits until it takes connections. */
    static void awaitConnection(int port) throws IOException {
        SQLException last = null;
        for (int tries = 0; tries < 600; tries++) {
            try (Connection connection = DriverManager.getConnection(url(port), "postgres", "postgres")) {
                if (connection.isValid(1)) {
                    return;
                }
            } catch (SQLException e) {
                last = e;
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                throw new IOException("interrupted", e);
            }
        }
        throw new IOException("PostgreSQL did not come back", last);
    }

    @Override
    public void close() throws IOException {
        if (container == null) {
            stop();
        } else {
            container.remove();
        }
    }
}
