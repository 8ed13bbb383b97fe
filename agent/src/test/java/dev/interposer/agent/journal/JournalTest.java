package dev.interposer.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.agent.reconcile.JournalEntry;
import dev.interposer.proto.agent.v1.EndCause;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerState;
import dev.interposer.proto.agent.v1.WorkerStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    private static final WorkerKey KEY = WorkerKey.newBuilder()
            .setJobId(42)
            .setGang(1)
            .setAttempt(3)
            .setWorker(7)
            .build();
    private static final List<JournalEntry> ENTRIES = List.of(
            new JournalEntry.Seen(4, 1, 900),
            new JournalEntry.Starting(
                    WorkerAssignment.newBuilder()
                            .setKey(KEY)
                            .addDeviceNames("d 0")
                            .addDeviceNames("d1")
                            .setJobName("train")
                            .build(),
                    4),
            new JournalEntry.Stopping(KEY, 123_456_789_012L),
            new JournalEntry.Ended(WorkerStatus.newBuilder()
                    .setKey(KEY)
                    .setState(WorkerState.WORKER_STATE_ENDED)
                    .setCause(EndCause.END_CAUSE_EXIT_CODE)
                    .setExitCode(3)
                    .setMessage("two\nlines")
                    .build()),
            new JournalEntry.Acknowledged(KEY));

    @TempDir
    private Path folder;

    @Test
    void whatWasWrittenIsReadAgain() throws IOException {
        write();
        assertThat(read()).isEqualTo(ENTRIES);
    }

    /** Each would start what the other has begun, and cut its lines. */
    @Test
    void aSecondProcessGetsNoJournalThatIsInUse() throws Exception {
        write();
        try (Journal open = Journal.open(file(), _ -> {})) {
            assertThat(anotherProcess().exitValue()).isEqualTo(7);
            open.append(ENTRIES.getFirst());
        }
        assertThat(read()).hasSize(ENTRIES.size() + 1);
        assertThat(anotherProcess().exitValue()).isZero();
    }

    private Process anotherProcess() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SecondOpener.class.getName(),
                        file().toString())
                .inheritIO()
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process;
    }

    /** The agent that somebody starts a second time. */
    static final class SecondOpener {
        private SecondOpener() {}

        public static void main(String[] arguments) {
            try {
                Journal.open(Path.of(arguments[0]), _ -> {}).close();
            } catch (IOException e) {
                System.exit(String.valueOf(e.getMessage()).contains("is in use") ? 7 : 1);
            }
        }
    }

    /** It is no reason to wait for a disk, and what comes after it must not overtake it. */
    @Test
    void anAcknowledgementLeavesWithTheNextEntry() throws IOException {
        try (Journal journal = Journal.open(file(), _ -> {})) {
            journal.append(ENTRIES.get(1));
            journal.append(ENTRIES.getLast());
            assertThat(Files.readAllLines(file())).hasSize(1);
            journal.append(ENTRIES.getFirst());
            assertThat(Files.readAllLines(file())).hasSize(3);
            journal.append(ENTRIES.getLast());
        }
        assertThat(read()).containsExactly(ENTRIES.get(1), ENTRIES.getLast(), ENTRIES.getFirst(), ENTRIES.getLast());
    }

    @Test
    void onlyTheOwnerMayReadWhatRan() throws IOException {
        Files.createFile(file(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
        write();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
    }

    @Test
    void aLineSaysWhatRanInPlainWords() throws IOException {
        write();
        assertThat(Files.readAllLines(file()).get(1)).startsWith("START 42 1 3 7 4 d_0,d1 ");
        assertThat(Files.readAllLines(file()).get(2)).startsWith("STOP 42 1 3 7 123456789012 ");
        assertThat(Files.readAllLines(file()).get(3)).startsWith("END 42 1 3 7 END_CAUSE_EXIT_CODE 3 ");
    }

    @Test
    void aLastLineThatWasCutShortIsDroppedAndWrittenOver() throws IOException {
        write();
        Files.writeString(file(), "START 43 0 1 0 4 d0 CAF", StandardOpenOption.APPEND);
        List<JournalEntry> recovered = new ArrayList<>();
        try (Journal journal = Journal.open(file(), recovered::add)) {
            assertThat(recovered).isEqualTo(ENTRIES);
            journal.append(ENTRIES.getFirst());
        }
        assertThat(read()).hasSize(ENTRIES.size() + 1).last().isEqualTo(ENTRIES.getFirst());
    }

    @Test
    void aDamagedLineIsAnErrorThatSaysWhereAndQuotesNothingOfTheJob() throws IOException {
        write();
        String lines = Files.readString(file());
        Files.writeString(file(), lines.replace("START 42", "START 43"));
        assertThatThrownBy(this::read)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged line at byte " + lines.indexOf("START") + ": its checksum does not fit")
                .hasMessageNotContaining("START 43");
    }

    @Test
    void aShortenedJournalHoldsWhatItWasGivenAndWhatCameAfter() throws IOException {
        write();
        List<JournalEntry> left = List.of(new JournalEntry.Seen(4, 1, 900), new JournalEntry.Begun(KEY));
        try (Journal journal = Journal.open(file(), _ -> {})) {
            journal.append(new JournalEntry.Acknowledged(KEY));
            journal.shorten(left);
            assertThat(journal.bytes()).isEqualTo(Files.size(file()));
            journal.append(ENTRIES.get(1));
            assertThat(anotherProcess().exitValue()).as("another gets it").isEqualTo(7);
        } catch (Exception e) {
            throw new IOException(e);
        }
        assertThat(read()).containsExactly(left.getFirst(), left.getLast(), ENTRIES.get(1));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void aJournalThatCantBeShortenedStaysInUse() throws IOException {
        write();
        Files.createDirectory(folder.resolve("journal.next"));
        try (Journal journal = Journal.open(file(), _ -> {})) {
            assertThatThrownBy(() -> journal.shorten(List.of())).isInstanceOf(IOException.class);
            journal.append(ENTRIES.getFirst());
        }
        assertThat(read()).hasSize(ENTRIES.size() + 1);
    }

    /** Workers of another user live below it, and need to get there while an agent starts. */
    @Test
    void whoMayPassThroughTheFolderMayDoSoStill() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        write();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx--x--x");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxr-x"));
        write();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx--x--x");
    }

    private void write() throws IOException {
        try (Journal journal = Journal.open(file(), _ -> {})) {
            for (JournalEntry entry : ENTRIES) {
                journal.append(entry);
            }
        }
    }

    private List<JournalEntry> read() throws IOException {
        List<JournalEntry> recovered = new ArrayList<>();
        Journal.open(file(), recovered::add).close();
        return recovered;
    }

    private Path file() {
        return folder.resolve("journal");
    }
}
