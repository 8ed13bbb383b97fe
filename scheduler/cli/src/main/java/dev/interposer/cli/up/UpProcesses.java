package dev.interposer.cli.up;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The processes of one {@code up}, written down as they are started: an {@code up} that is killed takes none of them
 * with it, and whoever comes next must find them.
 *
 * <p>A line of the file {@code up.processes} is {@code name pid startMillis}, the {@code up} itself first. A number may
 * be somebody else's by now; the time at which its process began tells.
 */
final class UpProcesses {
    private static final String UP = "up";
    private static final Duration TOLERANCE = Duration.ofSeconds(2);
    private static final long PATIENCE_SECONDS = 15;

    private final Path home;
    private final Path file;

    UpProcesses(Path home) {
        this.home = home;
        this.file = home.resolve("up.processes");
    }

    /** One that lives. */
    record Living(String name, ProcessHandle process) {
        @Override
        public String toString() {
            return name + " (process " + process.pid() + ")";
        }
    }

    /** Begins the file anew with this process. */
    void begin() throws IOException {
        Files.deleteIfExists(file);
        add(UP, ProcessHandle.current());
    }

    void add(String name, ProcessHandle process) throws IOException {
        long started = process.info().startInstant().orElse(Instant.EPOCH).toEpochMilli();
        Files.writeString(
                file,
                name + " " + process.pid() + " " + started + "\n",
                StandardCharsets.US_ASCII,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    /** The {@code up} that runs, if one does. */
    Optional<Living> up() throws IOException {
        return living().stream().filter(living -> living.name().equals(UP)).findFirst();
    }

    /**
     * Ends what an {@code up} started and left, the newest first, so that agents can take their workers with them
     * before the server goes, and PostgreSQL last.
     *
     * @return what lived
     */
    List<Living> endLeftBehind() throws IOException {
        List<Living> ended = new ArrayList<>();
        for (Living living : living().reversed()) {
            if (!living.name().equals(UP)) {
                end(living.process());
                ended.add(living);
            }
        }
        Optional<ProcessHandle> database = database();
        if (database.isPresent()) {
            endDatabase(database.get());
            ended.add(new Living("PostgreSQL", database.get()));
        }
        return ended;
    }

    /** Politely, and after some time not. */
    static void end(ProcessHandle process) {
        process.destroy();
        if (!ends(process)) {
            process.destroyForcibly();
            ends(process);
        }
    }

    private static boolean ends(ProcessHandle process) {
        try {
            process.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    private List<Living> living() throws IOException {
        List<Living> living = new ArrayList<>();
        if (!Files.exists(file)) {
            return living;
        }
        for (String line : Files.readAllLines(file)) {
            String[] words = line.split(" ", -1);
            // The last line may be cut short.
            if (words.length == 3 && words[1].matches("\\d{1,18}") && words[2].matches("\\d{1,18}")) {
                Instant started = Instant.ofEpochMilli(Long.parseLong(words[2]));
                ProcessHandle.of(Long.parseLong(words[1]))
                        .filter(ProcessHandle::isAlive)
                        .filter(process -> began(process, started))
                        .ifPresent(process -> living.add(new Living(words[0], process)));
            }
        }
        return living;
    }

    private static boolean began(ProcessHandle process, Instant at) {
        return process.info()
                .startInstant()
                .map(started -> Duration.between(started, at).abs().compareTo(TOLERANCE) < 0)
                .orElse(false);
    }

    /** The PostgreSQL of a server that was killed: the first line of its pid file, if that process is on our folder. */
    private Optional<ProcessHandle> database() throws IOException {
        Path data = home.resolve("postgres/data");
        Path pidFile = data.resolve("postmaster.pid");
        if (!Files.exists(pidFile) || owned()) {
            return Optional.empty();
        }
        String first = Files.readString(pidFile).lines().findFirst().orElse("");
        if (!first.matches("\\d{1,18}")) {
            return Optional.empty();
        }
        return ProcessHandle.of(Long.parseLong(first))
                .filter(ProcessHandle::isAlive)
                .filter(process -> process.info().commandLine().orElse("").contains(data.toString()));
    }

    /** A server that somebody started without `up` holds the lock on its database: it is not ours to stop. */
    private boolean owned() throws IOException {
        Path file = home.resolve("postgres/owner");
        if (!Files.exists(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null;
        }
    }

    private static void endDatabase(ProcessHandle database) throws IOException {
        // SIGINT is its fast shutdown; SIGTERM would wait for clients to leave.
        new ProcessBuilder("kill", "-INT", Long.toString(database.pid())).start();
        ends(database);
    }
}
