package dev.interposer.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run calls lost, doubled and late. The first job is due in 1 s of warm-up, three more in 3 s measured. */
class ReckoningTest {
    private static final Schedule SCHEDULE = new Schedule(1_000_000, 1, 1, 3);

    @TempDir
    private Path folder;

    @Test
    void allWentWell() throws IOException {
        Reckoning reckoning = reckon(
                new long[] {11, 12, 13, 14},
                seen(5, 10, 20, 30),
                "START 11 0 1 0",
                "START 12 0 1 0",
                "START 13 0 1 0",
                "START 14 0 1 0");
        assertThat(reckoning.lost()).isZero();
        assertThat(reckoning.doubled()).isZero();
        assertThat(reckoning.acknowledged()).isEqualTo(4);
        assertThat(reckoning.inTimePerSecond()).isEqualTo(1);
        assertThat(reckoning.millis(0.5)).as("the first job is warm-up").isEqualTo(20);
        assertThat(reckoning.millis(1)).isEqualTo(30);
    }

    @Test
    void anAcknowledgedJobThatTheWatcherNeverSawIsLostAndLaterThanAny() throws IOException {
        Reckoning reckoning = reckon(
                new long[] {11, 12, 13, 0}, seen(5, 10, -1, -1), "START 11 0 1 0", "START 12 0 1 0", "START 13 0 1 0");
        assertThat(reckoning.lost()).isEqualTo(1);
        assertThat(reckoning.millis(1)).isGreaterThan(1e15);
    }

    @Test
    void anAcknowledgedJobThatNoAgentBeganIsLost() throws IOException {
        Reckoning reckoning = reckon(
                new long[] {11, 12, 13, 0}, seen(5, 10, 20, -1), "START 11 0 1 0", "START 12 0 1 0", "END 13 0 1 0");
        assertThat(reckoning.lost()).isEqualTo(1);
    }

    @Test
    void anAttemptThatTwoAgentsBeganIsDoubled() throws IOException {
        Reckoning reckoning = reckon(
                new long[] {11, 12, 0, 0}, seen(5, 10, -1, -1), "START 11 0 1 0", "START 12 0 1 0", "START 11 0 1 0");
        assertThat(reckoning.doubled()).isEqualTo(1);
    }

    /** Milliseconds after each job was due; below 0 for never. */
    private static long[] seen(long... millisLate) {
        long[] seen = new long[millisLate.length];
        for (int number = 0; number < seen.length; number++) {
            seen[number] = millisLate[number] < 0 ? 0 : SCHEDULE.dueMicros(number) + millisLate[number] * 1000;
        }
        return seen;
    }

    /** The journal's lines are spread over the journals of two nodes. */
    private Reckoning reckon(long[] jobIds, long[] seen, String... lines) throws IOException {
        StringBuilder[] journals = {new StringBuilder(), new StringBuilder()};
        for (int at = 0; at < lines.length; at++) {
            journals[at % 2].append(lines[at]).append(" 1 d0 Zm9v 0\n");
        }
        for (int node = 0; node < 2; node++) {
            Path journal = folder.resolve("node-" + node).resolve("journal");
            Files.createDirectories(journal.getParent());
            Files.writeString(journal, journals[node]);
        }
        return Reckoning.of(SCHEDULE, jobIds, seen, Testimony.read(folder));
    }
}
