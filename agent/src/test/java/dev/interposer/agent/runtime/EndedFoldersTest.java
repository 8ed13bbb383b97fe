package dev.interposer.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.config.Retention;
import dev.interposer.proto.agent.v1.WorkerKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes of that which workers left, and what stays. */
class EndedFoldersTest {
    private static final long HOUR_MILLIS = 3_600_000;
    private static final long NOW_MILLIS = 1_000_000 * HOUR_MILLIS;

    @TempDir
    private Path folder;

    private final Set<WorkerKey> needed = new HashSet<>();

    @Test
    void whatIsOldGoesAndWhatIsYoungOrNeededOrNobodysStays() throws Exception {
        ended(1, 25);
        ended(2, 23);
        ended(3, 25);
        needed.add(key(3));
        Files.createDirectories(workers().resolve("notes"));
        Files.writeString(workers().resolve("leader-heard"), "1");
        Files.writeString(workers().resolve("9-0-1-0"), "a file");
        age(workers().resolve("9-0-1-0"), 100);
        age(workers().resolve("notes"), 100);
        assertThat(remove(new Retention(24 * HOUR_MILLIS, 1000))).isEqualTo(1);
        assertThat(left()).containsExactlyInAnyOrder("2-0-1-0", "3-0-1-0", "notes", "leader-heard", "9-0-1-0");
    }

    @Test
    void ofTooManyTheOldestGoAndThoseThatAreNeededDoNotCount() throws Exception {
        for (int job = 1; job <= 6; job++) {
            ended(job, job);
        }
        needed.add(key(6));
        assertThat(remove(new Retention(24 * HOUR_MILLIS, 2))).isEqualTo(3);
        assertThat(left()).containsExactlyInAnyOrder("1-0-1-0", "2-0-1-0", "6-0-1-0");
    }

    @Test
    void aFolderGoesWithAllThatIsInItAndNothingBehindALink() throws Exception {
        Path home = ended(1, 25);
        Files.writeString(
                Files.createDirectories(home.resolve("work/deep/deeper")).resolve("file"), "x");
        Path outside = Files.createDirectories(folder.resolve("outside"));
        Files.writeString(outside.resolve("precious"), "x");
        Files.createSymbolicLink(home.resolve("work/out"), outside);
        Files.createSymbolicLink(home.resolve("work/nowhere"), folder.resolve("absent"));
        Files.createSymbolicLink(workers().resolve("2-0-1-0"), outside);
        age(outside, 25);
        age(home, 25);
        assertThat(remove(Retention.DEFAULT)).isEqualTo(1);
        assertThat(left()).containsExactly("2-0-1-0");
        assertThat(outside.resolve("precious")).exists();
    }

    @Test
    void whatCannotBeRemovedIsLeftAndTheRestGoes() throws Exception {
        Path home = ended(1, 25);
        Path deep = home;
        for (int depth = 0; depth < 120; depth++) {
            deep = deep.resolve("d");
        }
        Files.createDirectories(deep);
        age(home, 25);
        ended(2, 25);
        assertThat(remove(Retention.DEFAULT)).isEqualTo(1);
        assertThat(left()).containsExactly("1-0-1-0");
    }

    @Test
    void aProcessThatIsThereKeepsItsFolderThoughNobodyKnowsOfIt() throws Exception {
        Path home = ended(1, 25);
        // In a session of its own, as workers are: that of a test may lie outside what is seen from here.
        ProcessBuilder command = new ProcessBuilder("setsid", "sleep", "60");
        command.environment()
                .put(
                        "INTERPOSER_EXIT_FILE",
                        home.resolve("exit").toAbsolutePath().toString());
        Process process = command.start();
        try {
            awaitSaysWhoseItIs(process.pid(), home.resolve("exit").toAbsolutePath());
            Files.writeString(home.resolve("exit.pid"), process.pid() + "\n");
            age(home, 25);
            assertThat(remove(Retention.DEFAULT)).isZero();
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(remove(Retention.DEFAULT)).isEqualTo(1);
    }

    @Test
    void nothingIsRemovedBeforeAnythingRan() throws Exception {
        assertThat(remove(Retention.DEFAULT)).isZero();
    }

    /** While one program becomes another the kernel shows no environment for a moment. */
    private static void awaitSaysWhoseItIs(long pid, Path exitFile) throws InterruptedException {
        for (int looks = 0; looks < 2_000; looks++) {
            ProcessEntry entry = new KernelTable().of(pid);
            if (entry != null && entry.session() == pid && new Environments().names(entry, exitFile)) {
                return;
            }
            Thread.sleep(5);
        }
    }

    private int remove(Retention retention) throws IOException {
        return new EndedFolders(workers(), retention)
                .remove(
                        keys -> {
                            Set<WorkerKey> both = new HashSet<>(keys);
                            both.retainAll(needed);
                            return both;
                        },
                        NOW_MILLIS);
    }

    private Path workers() {
        return folder.resolve("workers");
    }

    private Path ended(int job, int hours) throws IOException {
        Path home = Files.createDirectories(workers().resolve(EndedFolders.name(key(job))));
        Files.writeString(home.resolve("log.1"), "said");
        age(home, hours);
        return home;
    }

    private static void age(Path path, int hours) throws IOException {
        Files.setLastModifiedTime(path, FileTime.from(NOW_MILLIS - hours * HOUR_MILLIS, TimeUnit.MILLISECONDS));
    }

    private static WorkerKey key(int job) {
        return WorkerKey.newBuilder().setJobId(job).setAttempt(1).build();
    }

    private Stream<String> left() throws IOException {
        try (Stream<Path> all = Files.list(workers())) {
            return all.map(each -> each.getFileName().toString()).toList().stream();
        }
    }
}
